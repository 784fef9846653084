import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ExperimentManagerConfig, resolveConfig } from '../src/config/config.ts';
import {
  AbortedError,
  MlPlatformError,
  PermissionDeniedError,
  RateLimitedError,
} from '../src/errors/errors.ts';
import { createHttpClient, type HttpClient } from '../src/http/client.ts';
import { systemClock, systemDelay } from '../src/http/system.ts';
import type { CallOptions } from '../src/model/values.ts';
import { closedPort, type FaultServer, startFaultServer } from './support/fault-server.ts';
import { FAULTS, JSON_FAULTS } from './support/faults.ts';

const SECRET = `hk_live_${'Zz9'.repeat(17).slice(0, 50)}`;
const TIMEOUT_MS = 150;

interface Logged {
  level: string;
  message: string;
  details: Record<string, unknown> | undefined;
}

function loggerInto(lines: Logged[]) {
  const at = (level: string) => (message: string, details?: Record<string, unknown>) => {
    lines.push({ level, message, details });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Waits are noted in place of being waited for. */
function clientOf(url: string, more: ExperimentManagerConfig = {}) {
  const waits: number[] = [];
  const lines: Logged[] = [];
  const logger = loggerInto(lines);
  const settings = { trackingUri: url, token: SECRET, timeoutMs: TIMEOUT_MS, maxRetries: 2, logger, ...more };
  const client = createHttpClient(resolveConfig(settings, {}), {
    clock: systemClock,
    delay: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    random: () => 0.5,
    logger,
  });
  return { client, waits, lines };
}

const REPEATABLE = { get: true, post: false, upload: true, download: true };
type Call = keyof typeof REPEATABLE;

async function make(client: HttpClient, call: Call, options: CallOptions = {}): Promise<unknown> {
  const path = '/api/2.0/thing';
  if (call === 'get')
    return await client.json({ method: 'GET', path, query: { id: 'a b', list: [1, 2n] } }, options);
  if (call === 'post') return await client.json({ method: 'POST', path, body: { id: 2n ** 60n } }, options);
  if (call === 'download') return (await buffer((await client.download({ path }, options)).body)).toString();
  return await client.upload({ ...sixBytes(), path }, options);
}

function sixBytes() {
  const open = () => Readable.from([Buffer.from('abc'), Buffer.from('def')]);
  return { path: '/api/2.0/thing', size: 6, open, isRepeatable: true };
}

async function failure(promise: Promise<unknown>): Promise<MlPlatformError> {
  const error = await promise.then(
    (value) => assert.fail(`It gave ${value}`),
    (reason) => reason,
  );
  assert(error instanceof MlPlatformError, String(error?.stack ?? error));
  assert(error.advice.length > 0);
  const shown = `${error.stack} ${JSON.stringify(error)} ${error}`;
  for (const secret of [SECRET, 'user:secret', 'next=secret']) assert(!shown.includes(secret), shown);
  return error;
}

describe('a call that meets a fault', () => {
  let server: FaultServer;
  before(async () => {
    server = await startFaultServer(() => ({ status: 200, body: '{"ok": 9007199254740993}' }));
  });
  after(() => server.close());

  for (const call of Object.keys(REPEATABLE) as Call[]) {
    const faults = { ...FAULTS, ...(call === 'get' || call === 'post' ? JSON_FAULTS : {}) };
    for (const [name, { fault, code, once }] of Object.entries(faults)) {
      const recovers = once === 'recovers' || (once === 'recovers-if-repeatable' && REPEATABLE[call]);

      it(`${call}: ${name}, once: ${recovers ? 'recovers' : 'fails'}`, async () => {
        server.plan(fault);
        const { client, waits, lines } = clientOf(server.url);
        if (recovers) await make(client, call);
        else assert.equal((await failure(make(client, call))).code, code);
        client.close();
        assert.equal(server.requests.length, recovers ? 2 : 1);
        assert.equal(waits.length, recovers ? 1 : 0);
        assert.equal(lines.filter(({ level }) => level === 'warn').length, 1);
      });

      it(`${call}: ${name}, always: ${code}`, async () => {
        server.planAlways(fault);
        const { client } = clientOf(server.url);
        assert.equal((await failure(make(client, call))).code, code);
        client.close();
        assert.equal(server.requests.length, recovers ? 3 : 1);
      });
    }

    it(`${call}: a wrong path in the tracking URI, which the error names`, async () => {
      const { client } = clientOf(`${server.url}/mlfow/`);
      const unknown = { error_code: 'ENDPOINT_NOT_FOUND', message: 'There is nothing here.' };
      server.planAlways({ status: 404, body: JSON.stringify(unknown) });
      const error = await failure(make(client, call));
      client.close();
      assert.equal(error.code, 'UNEXPECTED_ANSWER');
      assert(error.message.startsWith(`${server.url}/mlfow has nothing at the address of `), error.message);
      assert.match(error.advice[0] ?? '', /MLFLOW_TRACKING_URI, its path included/);
    });

    it(`${call}: nothing listens`, async () => {
      const { client, waits } = clientOf(`http://127.0.0.1:${await closedPort()}/mlflow`);
      const error = await failure(make(client, call));
      assert.deepEqual([error.code, error.canRetry, error.status], ['CONNECTION_REFUSED', true, null]);
      assert.deepEqual(waits, [125, 250]);
    });

    it(`${call}: a host without address`, async () => {
      const { client, waits } = clientOf('http://no-such-host.invalid/mlflow');
      const { code } = await failure(make(client, call));
      assert.equal(code, 'HOST_NOT_FOUND');
      assert(waits.length <= 2);
    });

    it(`${call}: a server without TLS`, async () => {
      server.plan();
      const { client, waits } = clientOf(server.url.replace('http:', 'https:'));
      const error = await failure(make(client, call));
      assert.deepEqual([error.code, error.canRetry, waits], ['TLS', false, []]);
    });

    it(`${call}: aborted while the server is waited for`, async () => {
      server.planAlways('hang');
      const { client } = clientOf(server.url);
      const controller = new AbortController();
      const made = failure(make(client, call, { signal: controller.signal }));
      while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('enough'));
      const error = await made;
      assert.equal(error.code, 'ABORTED');
      assert.equal((error.cause as Error).message, 'enough');
      assert.equal(server.requests.length, 1);
    });
  }
});

describe('what a call says and sends', () => {
  let server: FaultServer;
  before(async () => {
    server = await startFaultServer(() => ({ status: 200, body: '{"ok": 9007199254740993}' }));
  });
  after(() => server.close());

  it('is below the tracking URI, with credentials, and exact in its integers', async () => {
    server.plan();
    const { client } = clientOf(`${server.url}/mlflow/`);
    assert.deepEqual(await make(client, 'get'), { ok: 9007199254740993n });
    await make(client, 'post');
    await make(client, 'upload');
    const [get, post, upload] = server.requests;
    assert.equal(get?.path, '/mlflow/api/2.0/thing?id=a+b&list=1&list=2');
    assert.equal(get?.headers.authorization, `Bearer ${SECRET}`);
    assert.match(get?.headers['user-agent'] ?? '', /^hokusai-ml-platform\/\d/);
    assert.equal(post?.body.toString(), `{"id":${2n ** 60n}}`);
    assert.deepEqual([upload?.body.toString(), upload?.headers['content-length']], ['abcdef', '6']);
  });

  it('is an error with all that the server said', async () => {
    const said = {
      error_code: 'RESOURCE_DOES_NOT_EXIST',
      message: `No run\n of ${SECRET}`,
      request_id: 'req-7',
    };
    server.plan({ status: 404, body: JSON.stringify(said) });
    const error = await failure(make(clientOf(server.url).client, 'get'));
    const { name, code, errorCode, requestId, status, canRetry, message } = error;
    assert.deepEqual(
      { name, code, errorCode, requestId, status, canRetry, message },
      {
        name: 'NotFoundError',
        code: 'NOT_FOUND',
        errorCode: 'RESOURCE_DOES_NOT_EXIST',
        requestId: 'req-7',
        status: 404,
        canRetry: false,
        message: `No run of ${SECRET.slice(0, 20)}…`,
      },
    );
  });

  it('waits as long as the server asks for, and says so', async () => {
    server.plan(FAULTS['429 with Retry-After']?.fault ?? 'hang');
    const { client, waits, lines } = clientOf(server.url);
    await make(client, 'post');
    assert.deepEqual(waits, [7000]);
    assert.match(
      lines.find(({ level }) => level === 'warn')?.message ?? '',
      /again in 7000 ms, as the server asks/,
    );
  });

  it('does not wait for an hour, and says how long the server asks for', async () => {
    server.plan(FAULTS['429 for an hour']?.fault ?? 'hang');
    const error = await failure(make(clientOf(server.url).client, 'get'));
    assert(error instanceof RateLimitedError);
    assert.equal(error.retryAfterMs, 3_600_000);
    assert.match(error.message, /the server asks to wait 3600 s/);
  });

  it('names where a redirect leads, without what is secret in it', async () => {
    server.plan(FAULTS['a redirect']?.fault ?? 'hang');
    const { message } = await failure(make(clientOf(server.url).client, 'get'));
    assert.match(message, /redirects to https:\/\/login\.example\/ with 302/);
  });

  it('gives the reason of a 403 and what to do about it', async () => {
    server.plan(FAULTS['403']?.fault ?? 'hang');
    const error = await failure(make(clientOf(server.url).client, 'get'));
    assert(error instanceof PermissionDeniedError);
    assert.equal(error.reason, 'scope_missing');
    assert.match(error.advice[0] ?? '', /MLFLOW_TRACKING_TOKEN/);
  });

  it('is in the log, attempt by attempt, with no secret', async () => {
    server.plan('reset');
    const { client, lines } = clientOf(server.url);
    await make(client, 'get');
    assert.deepEqual(
      lines.map(({ level, details }) => [level, details?.['attempt'], details?.['call']]),
      [
        ['warn', 1, 'GET /api/2.0/thing'],
        ['debug', 2, 'GET /api/2.0/thing'],
      ],
    );
    assert(!JSON.stringify(lines).includes(SECRET));
  });

  it('is an error when its retries have used up the budget', async () => {
    server.planAlways(FAULTS['429 with Retry-After']?.fault ?? 'hang');
    const { client, waits } = clientOf(server.url, { maxRetries: 9, retryBudgetMs: 6000 });
    assert.equal((await failure(make(client, 'get'))).code, 'RATE_LIMITED');
    assert.deepEqual(waits, []);
  });

  it('is aborted while it waits for its turn to be tried again', async () => {
    const controller = new AbortController();
    const waiting = systemDelay(60_000, controller.signal);
    controller.abort();
    await assert.rejects(waiting, AbortedError);
    await assert.rejects(systemDelay(60_000, controller.signal), AbortedError);
    await systemDelay(1, new AbortController().signal);
  });
});
