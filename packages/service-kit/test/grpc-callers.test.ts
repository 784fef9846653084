/** Who gets through to which method of a gRPC server. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceClient, HokusaiError, services } from '@hokusai/contracts';
import { grpcClientOptions, grpcClientRule, grpcClientVariables, loadConfig } from '../src/index.ts';
import { call, type GuardedServer, startGuarded, statusOf } from './support/guarded-server.ts';

const newToken = () => randomBytes(32).toString('base64url');
const tokens = { gateway: newToken(), next: newToken(), keys: newToken(), auditor: newToken() };
const CALLERS = JSON.stringify([
  { name: 'gateway', token: tokens.gateway, methods: ['hokusai.keys.v1.KeyValidationService/*'] },
  { name: 'gateway', token: tokens.next, methods: ['hokusai.keys.v1.KeyValidationService/*'] },
  {
    name: 'keys',
    token_sha256: createHash('sha256').update(tokens.keys).digest('hex').toUpperCase(),
    methods: ['hokusai.audit.v1.AuditService/ConfirmStored'],
  },
  {
    name: 'auditor',
    token: tokens.auditor,
    methods: [
      'hokusai.audit.v1.AuditService/ExportEvents',
      'hokusai.keys.v1.KeyValidationService/GetKeyState',
    ],
  },
]);

const VALIDATE = '/hokusai.keys.v1.KeyValidationService/ValidateKey';
const STATE = '/hokusai.keys.v1.KeyValidationService/GetKeyState';
const FOLLOW = '/hokusai.keys.v1.KeyValidationService/Follow';
const CONFIRM = '/hokusai.audit.v1.AuditService/ConfirmStored';
const EXPORT = '/hokusai.audit.v1.AuditService/ExportEvents';
const NOT_BUILT = '/hokusai.audit.v1.AuditService/ListEvents';
const HEALTH = '/grpc.health.v1.Health/Check';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';

describe('callers of a gRPC server', () => {
  const closers: (() => unknown)[] = [];
  let server: GuardedServer;
  let address: string;

  beforeEach(async () => {
    server = await start({ KEYS_GRPC_CALLERS: CALLERS });
    address = `127.0.0.1:${server.port}`;
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function start(env: Record<string, string>, answer?: () => Promise<object>): Promise<GuardedServer> {
    const started = await startGuarded(env, answer);
    closers.push(() => started.close(0));
    return started;
  }

  const bearer = (token: string) => [`Bearer ${token}`];
  const [ok, denied, unauthenticated] = ['OK', 'PERMISSION_DENIED', 'UNAUTHENTICATED'];
  const nobody = Object.fromEntries(
    [VALIDATE, STATE, FOLLOW, CONFIRM, EXPORT, NOT_BUILT].map((path) => [path, unauthenticated]),
  );
  const gateway = { [VALIDATE]: ok, [STATE]: ok, [FOLLOW]: ok, [CONFIRM]: denied, [EXPORT]: denied };
  const wrong = newToken();
  const table: [who: string, authorization: string[], expected: Record<string, string | undefined>][] = [
    ['a gateway', bearer(tokens.gateway), { ...gateway, [NOT_BUILT]: denied }],
    ['a gateway with its next token', bearer(tokens.next), gateway],
    ['a scheme in small letters', [`bearer ${tokens.gateway}`], gateway],
    [
      'the keys service, known by a digest',
      bearer(tokens.keys),
      { [CONFIRM]: ok, [VALIDATE]: denied, [FOLLOW]: denied, [EXPORT]: denied },
    ],
    [
      'an auditor',
      bearer(tokens.auditor),
      { [EXPORT]: ok, [STATE]: ok, [CONFIRM]: denied, [VALIDATE]: denied, [FOLLOW]: denied },
    ],
    ['nobody', [], nobody],
    ['a wrong token', bearer(wrong), nobody],
    ['a token and something behind it', [`Bearer ${tokens.gateway} x`], nobody],
    ['the beginning of a token', bearer(tokens.gateway.slice(0, -1)), nobody],
    ['a digest instead of its token', bearer(createHash('sha256').update(tokens.keys).digest('hex')), nobody],
    ['a token without a scheme', [tokens.gateway], nobody],
    ['another scheme', [`Basic ${tokens.gateway}`], nobody],
    ['an empty one', ['Bearer '], nobody],
  ];

  for (const [who, authorization, expected] of table) {
    it(`answers ${who} according to what is granted`, async () => {
      const answers: Record<string, string> = {};
      for (const path of Object.keys(expected)) {
        answers[path] = await statusOf({ address, path, authorization });
      }
      assert.deepEqual(answers, expected);
      const handled = Object.keys(expected).filter((path) => expected[path] === ok);
      assert.deepEqual(
        server.handled,
        handled.map((path) => path.split('/')[2]),
      );
    });
  }

  it('tells strangers nothing of which methods there are, and callers that there is none', async () => {
    const none = [
      '/hokusai.keys.v1.KeyValidationService/None',
      '/x',
      `${VALIDATE}?x`,
      '/unknown',
      REFLECTION,
    ];
    for (const path of none) {
      const stranger = await call({ address, path, authorization: bearer(wrong) });
      const known = await call({ address, path: VALIDATE, authorization: bearer(wrong) });
      assert.deepEqual([stranger.code, stranger.details], [known.code, known.details], path);
      const caller = await call({ address, path, authorization: bearer(tokens.keys) });
      assert.deepEqual([caller.code, caller.details], [12, 'The server has no such method.'], path);
    }
    assert.deepEqual(server.handled, []);
  });

  it('answers for its health to everybody', async () => {
    for (const authorization of [[], bearer(wrong), bearer(tokens.keys)])
      assert.equal(await statusOf({ address, path: HEALTH, authorization }), ok);
  });

  it('refuses before it reads a message', async () => {
    const request = Buffer.from('no message at all');
    assert.equal(await statusOf({ address, path: VALIDATE, request }), unauthenticated);
    const authorization = bearer(tokens.gateway);
    assert.equal(await statusOf({ address, path: VALIDATE, request, authorization }), 'INVALID_ARGUMENT');
    assert.deepEqual(server.handled, []);
  });

  it('tells what is wrong with a message, of streams as of single calls', async () => {
    // The field `key`, in a byte that is no UTF-8, and something that is no field at all.
    const [text, nothing] = [Buffer.from([0x0a, 1, 0xff]), Buffer.from([0xff])];
    const authorization = bearer(tokens.gateway);
    const { metadata, details } = await call({ address, path: VALIDATE, request: text, authorization });
    assert.equal(details, 'The request holds what no field of its kind may hold.');
    const [error] = metadata.get('hokusai-error-bin');
    assert.deepEqual((JSON.parse(String(error)) as HokusaiError).violations, [
      { path: 'key', message: 'is not valid UTF-8' },
    ]);
    const reader = { address, path: EXPORT, request: nothing, authorization: bearer(tokens.auditor) };
    assert.match(
      (await call(reader)).details,
      /^The bytes are no request of .*ExportEvents: they are cut off/,
    );
    const reason = 'malformed_message';
    assert.deepEqual(server.refused, [
      { reason, method: VALIDATE, caller: 'gateway' },
      { reason, method: EXPORT, caller: 'auditor' },
    ]);
    assert.deepEqual(server.handled, []);
  });

  it('tells the observer who was refused what, and nobody else’s word for it', async () => {
    const metadata = { 'hokusai-caller': 'gateway' };
    await call({ address, path: VALIDATE, metadata });
    await call({ address, path: VALIDATE, metadata, authorization: bearer(tokens.keys) });
    const refused = { method: VALIDATE };
    assert.deepEqual(server.refused, [
      { ...refused, reason: 'caller_unknown', caller: undefined },
      { ...refused, reason: 'method_not_granted', caller: 'keys' },
    ]);
  });

  it('names the caller of a call that failed', async () => {
    const failing = await start({ KEYS_GRPC_CALLERS: CALLERS }, () =>
      Promise.reject(new HokusaiError('not_found', 'Not there.', { reason: 'key_not_found' })),
    );
    const to = `127.0.0.1:${failing.port}`;
    await call({ address: to, path: CONFIRM, authorization: bearer(tokens.keys) });
    assert.deepEqual(failing.refused, [{ method: CONFIRM, reason: 'key_not_found', caller: 'keys' }]);
  });

  it('says nothing of a token in its answers', async () => {
    for (const authorization of [bearer(wrong), bearer(tokens.keys)]) {
      const answer = await call({ address, path: VALIDATE, authorization });
      const told = JSON.stringify([answer.details, answer.metadata.toJSON()]);
      for (const token of [wrong, tokens.keys]) assert.ok(!told.includes(token));
    }
  });

  it('describes itself to callers, and only where it is told to', async () => {
    const authorization = bearer(tokens.keys);
    // list_services: ""
    const request = Buffer.from([0x3a, 0]);
    assert.equal(await statusOf({ address, path: REFLECTION, authorization, request }), 'UNIMPLEMENTED');
    const open = await start({ KEYS_GRPC_CALLERS: CALLERS, KEYS_GRPC_REFLECTION: 'true' });
    const to = { address: `127.0.0.1:${open.port}`, path: REFLECTION, request };
    assert.equal(await statusOf({ ...to, authorization }), ok);
    assert.equal(await statusOf(to), unauthenticated);
  });

  describe('of our own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hokusai-token-'));
    after(() => rmSync(folder, { recursive: true }));

    function clientFrom(env: Record<string, string>) {
      const config = loadConfig(grpcClientVariables('KEYS'), { KEYS_GRPC_URL: address, ...env }, [
        grpcClientRule('KEYS'),
      ]);
      const options = { ...grpcClientOptions('KEYS', config), peer: 'keys service', timeoutMs: 5000 };
      const clients = [
        createServiceClient(services.keyValidation, options),
        createServiceClient(services.audit, options),
      ] as const;
      closers.push(() => {
        for (const client of clients) client.close();
      });
      return clients;
    }

    it('send a token that stands in a file, with calls and streams alike', async () => {
      const file = join(folder, 'token');
      writeFileSync(file, `${tokens.gateway}\n`);
      const [keys] = clientFrom({ KEYS_GRPC_TOKEN_FILE: file });
      await keys.call('ValidateKey', { key: 'x' });
      const stream = keys.duplex('Follow');
      stream.on('data', () => {});
      await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
      stream.end();
      const [, audit] = clientFrom({ KEYS_GRPC_TOKEN: tokens.auditor });
      for await (const _ of audit.serverStream('ExportEvents', {}));
      assert.deepEqual(server.handled, ['ValidateKey', 'Follow', 'ExportEvents']);
    });

    it('take a refusal of themselves for an outage, not for one of whom they serve', async () => {
      for (const token of [wrong, tokens.keys]) {
        const [keys] = clientFrom({ KEYS_GRPC_TOKEN: token });
        const error = await keys.call('ValidateKey', { key: 'x' }).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof HokusaiError);
        assert.deepEqual(
          [error.code, error.message],
          ['unavailable', 'The keys service does not accept the credentials of its caller.'],
        );
      }
    });

    it('need the one or the other credential', () => {
      assert.throws(() => clientFrom({}), /^ {2}KEYS_GRPC_TOKEN: is required, or KEYS_GRPC_TLS_CERT/m);
    });
  });
});
