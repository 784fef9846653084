/** One exit code per kind of failure, what to do next, and never a key. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { freePort } from '@hokusai/testing';
import { type Ended, ended, hokusai, start, temporaryFolder } from './support/command.ts';
import {
  answer,
  drop,
  type FakeGateway,
  problem,
  type Reply,
  startFakeGateway,
} from './support/fake-gateway.ts';
import { CALLER_KEY, KEY_ID, keyJson, PLAINTEXT } from './support/samples.ts';

const SHOW = ['auth', 'show-key', KEY_ID];
const HTML = answer(200, '<html>nginx</html>', { 'content-type': 'text/html' });
const PROXY = answer(502, '<html>nginx</html>', { 'content-type': 'text/html' });

describe('a failure', () => {
  let gateway: FakeGateway;
  let env: Record<string, string>;
  before(async () => {
    gateway = await startFakeGateway();
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
  });
  beforeEach(() => {
    gateway.asked.length = 0;
  });
  after(() => gateway.close());

  function check({ code, stdout, stderr }: Ended, expected: number, ...says: RegExp[]) {
    assert.deepEqual([code, stdout], [expected, ''], stderr);
    for (const part of says) assert.match(stderr, part);
    assert.doesNotMatch(stderr, /hk_(live|test)_[0-9A-Za-z]{13}/);
  }

  const cases: [what: string, reply: Reply, code: number, ...says: RegExp[]][] = [
    ['a defect of the gateway', problem(500, 'internal', 'Oops.'), 1, /Oops\./, /Request id: req-1/],
    ['another shape', answer(200, { id: 1 }), 1, /at id/],
    [
      'a redirection',
      answer(301, '', { location: 'https://other.example/' }),
      3,
      /other\.example/,
      /HOKUSAI_API_URL/,
    ],
    ['HTML', HTML, 3, /is this the gateway\?/, /from HOKUSAI_API_URL/],
    ['a missing route', problem(404, 'unknown_route', 'Nothing here.'), 3, /older one/],
    ['another method', problem(405, 'method_not_allowed', 'Not this one.'), 3],
    [
      'an unknown key',
      problem(401, 'unknown_key', `The key ${CALLER_KEY} is unknown.`),
      4,
      /hk_live_CALLER000000 comes from HOKUSAI_API_KEY/,
      /hokusai auth login/,
    ],
    [
      'a missing scope',
      problem(403, 'scope_missing', 'It needs keys:read.'),
      5,
      /needs keys:read/,
      /auth whoami/,
    ],
    ['an unknown id', problem(404, 'key_not_found', 'No such key.'), 6, /No such key/],
    ['a conflict', problem(409, 'concurrent_change', 'Changed meanwhile.'), 7, /Changed meanwhile/],
    ['what can not be read', problem(400, 'malformed_body', 'Unreadable.'), 8],
    ['wrong values', problem(422, 'invalid_values', 'name: too long.'), 8, /name: too long/],
    [
      'too many requests',
      answer(429, { type: 't', title: 't', detail: 'Slower.' }, { 'retry-after': '7' }),
      9,
      /in 7 s/,
    ],
    ['an outage', problem(503, 'keys_unavailable', 'Away.'), 10, /Away\./],
    ["a proxy's outage", PROXY, 10, /A proxy says so/],
    ['broken connections', drop, 10, /broke the connection off/],
  ];
  for (const [what, reply, code, ...says] of cases) {
    it(`from ${what} ends with exit code ${code}`, async () => {
      gateway.reply(reply);
      check(await hokusai(SHOW, { env }), code, ...says);
    });
  }

  it('lists the violations that its message has no room for', async () => {
    const violations = Array.from({ length: 8 }, (_, index) => ({
      path: `scopes[${index}]`,
      message: 'unknown',
    }));
    gateway.reply(problem(422, 'invalid_values', 'Eight are wrong.', { violations }));
    check(await hokusai(SHOW, { env }), 8, /scopes\[7\]: unknown/);
  });

  it('names the options of the fields that are wrong', async () => {
    const violations = [
      { path: 'scopes[0]', message: 'unknown' },
      { path: 'scopes[1]', message: 'unknown' },
      { path: 'grace_period_seconds', message: 'too long' },
      { path: 'name', message: 'too long' },
    ];
    gateway.reply(problem(422, 'invalid_values', 'Wrong.', { violations }));
    check(await hokusai(SHOW, { env }), 8, /Here scopes is --scope, grace_period_seconds is --grace\./);
  });

  it('of a key that is cut off says where it comes from', async () => {
    gateway.reply(problem(401, 'malformed_key', 'No key.'));
    const result = await hokusai(SHOW, { env: { ...env, HOKUSAI_API_KEY: 'hk_live_bad' } });
    check(result, 4, /The key \(which hasn't the form of one\) comes from HOKUSAI_API_KEY/);
  });

  it('to connect names the address, where it comes from, and how to change it', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const result = await hokusai(SHOW, { env: { ...env, HOKUSAI_API_URL: url } });
    check(
      result,
      10,
      new RegExp(`${url} can not be reached \\(ECONNREFUSED\\)`),
      /from HOKUSAI_API_URL/,
      /--url/,
    );
  });

  it('to find a key says how to give one', async () => {
    const folder = await temporaryFolder();
    const result = await hokusai(SHOW, { env: { XDG_CONFIG_HOME: folder.path, HOKUSAI_API_KEY: '' } });
    check(result, 3, /no API key for http:\/\/127\.0\.0\.1:8080/, /HOKUSAI_API_KEY/, /hokusai auth login/);
    await folder.remove();
  });

  it('of settings does not repeat what may be a secret', async () => {
    const result = await hokusai(SHOW, { env: { ...env, HOKUSAI_API_KEY: 'pass word' } });
    check(result, 3, /HOKUSAI_API_KEY is not an API key/);
    assert.doesNotMatch(result.stderr, /pass word/);
    const address = await hokusai(SHOW, { env: { ...env, HOKUSAI_API_URL: 'http://me:secret@x/' } });
    check(address, 3, /address in HOKUSAI_API_URL can't be used/);
    assert.doesNotMatch(address.stderr, /secret/);
  });

  for (const args of [
    ['auth', 'login', PLAINTEXT],
    ['auth', 'create-key', '--name', PLAINTEXT],
    ['--url', `${'http://127.0.0.1'}?api_key=${PLAINTEXT}`, 'auth', 'whoami'],
    ['auth', 'whoami', `--key=${PLAINTEXT.slice(0, 40)}`],
  ]) {
    it(`is to put a key on the command line: ${args[1]} ${args.length}`, async () => {
      check(await hokusai(args, { env }), 2, /others can read it/, /HOKUSAI_API_KEY/);
      assert.equal(gateway.asked.length, 0);
    });
  }

  for (const args of [
    ['auth', 'revoke-key', KEY_ID],
    ['auth', 'rotate-key', KEY_ID, '--grace', '0'],
    ['auth', 'end-grace', KEY_ID, PLAINTEXT.slice(0, 20)],
    ['users', 'disable', KEY_ID],
  ]) {
    it(`is to ask where nobody can answer: ${args[1]}`, async () => {
      check(await hokusai(args, { env }), 2, /no terminal to ask on/, /--yes/);
      assert.equal(gateway.asked.length, 0);
    });
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`by ${signal} ends at once, and says what may have happened`, async () => {
      const child = start(['auth', 'create-key', '--name', 'ci'], { env });
      const end = ended(child);
      await new Promise<void>((resolve) => gateway.reply(() => resolve()));
      child.kill(signal);
      check(await end, 130, /Cancelled/, /may have been done/);
    });
  }

  it('by a signal also ends what waits for input', async () => {
    const child = start(['auth', 'login'], { env });
    const end = ended(child);
    // It reads stdin once it has taken the first piece.
    await new Promise((resolve) => child.stdin.write('x'.repeat(200_000), resolve));
    child.kill('SIGINT');
    check(await end, 130, /Cancelled/);
  });

  it('is none when the reader of a list has gone', async () => {
    const child = start(['auth', 'list-keys', '--all'], { env });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    gateway.reply((asked, response) => {
      child.stdout.destroy();
      answer(200, { data: Array.from({ length: 200 }, () => keyJson()), next_cursor: null })(asked, response);
    });
    const [code] = await once(child, 'close');
    assert.deepEqual([code, stderr], [0, '']);
  });
});
