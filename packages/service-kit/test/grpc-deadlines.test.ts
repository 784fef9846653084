/** What happens to the work of a gRPC call whose time is up. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import { createPool, type Pool, transaction } from '../src/index.ts';
import { call, type GuardedServer, startGuarded, statusOf } from './support/guarded-server.ts';

const token = randomBytes(32).toString('base64url');
const CALLERS = JSON.stringify([
  { name: 'gateway', token, methods: ['hokusai.keys.v1.KeyValidationService/*'] },
]);
const authorization = [`Bearer ${token}`];
const VALIDATE = '/hokusai.keys.v1.KeyValidationService/ValidateKey';
/** The support's server gives it 50 ms. */
const STATE = '/hokusai.keys.v1.KeyValidationService/GetKeyState';

/** The status of an empty call with this `grpc-timeout`: grpc-js's own client writes no such far ones. */
async function statusOfTimed(address: string, path: string, timeout: string): Promise<unknown> {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' },
    ...{ authorization: authorization[0], 'grpc-timeout': timeout },
  });
  try {
    // A message of no bytes, not compressed.
    stream.end(Buffer.alloc(5));
    const status = new Promise((resolve, reject) => {
      const look = (headers: IncomingHttpHeaders) =>
        'grpc-status' in headers && resolve(headers['grpc-status']);
      stream.on('response', look).on('trailers', look).on('error', reject);
    });
    stream.resume();
    return await status;
  } finally {
    session.close();
  }
}

describe('deadlines of a gRPC server', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let pool: Pool;
  let server: GuardedServer | undefined;

  before(async function () {
    this.timeout(120_000);
    database = await createDatabase('keys');
    const onError = () => {};
    pool = createPool({ connectionString: database.adminUrl, max: 2, applicationName: 'test', onError });
    await pool.query('create table notes (text text)');
  });
  after(async () => {
    await pool.end();
    await database.close();
  });
  afterEach(() => server?.close(0));

  async function start(answer: (signal: AbortSignal) => Promise<object>): Promise<string> {
    server = await startGuarded({ KEYS_GRPC_CALLERS: CALLERS }, answer);
    return `127.0.0.1:${server.port}`;
  }

  const notes = async () => (await pool.query<{ text: string }>('select text from notes')).rows;

  it('end a call that has none, after the time for its method, and tell the handler', async () => {
    const told = Promise.withResolvers<void>();
    const address = await start((signal) => {
      signal.addEventListener('abort', () => told.resolve());
      return new Promise(() => {});
    });
    const answer = await call({ address, path: STATE, authorization });
    assert.deepEqual(
      [answer.code, answer.details],
      [4, 'The call took longer than 0.05 s, which is the limit for its method.'],
    );
    await told.promise;
  });

  it('end a call no later than that, whatever its caller allows', async () => {
    const address = await start(() => new Promise(() => {}));
    const own = { address, path: STATE, authorization, timeoutMs: 20_000 };
    assert.match((await call(own)).details, /^The call took longer than 0\.05 s/);
    assert.equal(await statusOfTimed(address, STATE, '1000H'), '4');
  });

  it('do not end a call at once that has a far one, whatever can be written', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const texts = ['2147483S', '2147484S', '597H', '1000H', '71583M', '99999999H'];
    const address = await start(() => new Promise((resolve) => setTimeout(resolve, 20, {})));
    const answers = await Promise.all(texts.map((text) => statusOfTimed(address, VALIDATE, text)));
    process.off('warning', warn);
    assert.deepEqual([answers, warnings], [texts.map(() => '0'), []]);
  });

  for (const [when, timeoutMs] of [
    ['the deadline has passed', 100],
    ['the caller has gone', undefined],
  ] as const) {
    it(`keep a change from being committed when ${when}`, async () => {
      const outcome = Promise.withResolvers<unknown>();
      const address = await start((signal) => {
        const work = transaction(pool, async (client) => {
          await client.query("insert into notes values ('late')");
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        });
        work.then(() => outcome.resolve('committed'), outcome.resolve);
        return work.then(() => ({}));
      });
      // Without a deadline of its own the call is ended by the server.
      const path = timeoutMs === undefined ? STATE : VALIDATE;
      const limit = timeoutMs === undefined ? {} : { timeoutMs };
      assert.equal(await statusOf({ address, path, authorization, ...limit }), 'DEADLINE_EXCEEDED');
      assert.equal(((await outcome.promise) as { code?: string }).code, 'deadline_exceeded');
      assert.deepEqual(await notes(), []);
    });
  }

  it('do not begin a transaction that nobody waits for', async () => {
    const outcome = Promise.withResolvers<unknown>();
    const address = await start(async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await transaction(pool, () => Promise.resolve(assert.fail('began'))).catch(outcome.resolve);
      return {};
    });
    await statusOf({ address, path: STATE, authorization });
    assert.equal(((await outcome.promise) as { code?: string }).code, 'deadline_exceeded');
  });
});
