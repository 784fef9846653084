/** The gRPC helpers on real sockets: errors, deadlines, several servers, streams. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import {
  createServiceClient,
  ERROR_CODES,
  fromServiceError,
  HokusaiError,
  type ServiceClient,
  services,
  streamHandler,
  toStatus,
  unaryHandler,
} from '../src/index.ts';

type Definition = (typeof services)['audit'];

describe('gRPC helpers', () => {
  const closers: (() => void)[] = [];

  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A server with these methods only; the others are unimplemented. */
  async function serve(
    handlers: Record<string, unknown>,
    port = 0,
  ): Promise<{ port: number; server: Server }> {
    const server = new Server();
    server.addService(
      services.audit as unknown as ServiceDefinition,
      handlers as Record<string, UntypedHandleCall>,
    );
    const bound = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    });
    closers.push(() => server.forceShutdown());
    return { port: bound, server };
  }

  function clientOf(address: string, timeoutMs = 5000): ServiceClient<Definition> {
    const client = createServiceClient(services.audit, { peer: 'audit service', address, timeoutMs });
    closers.push(() => client.close());
    return client;
  }

  const ignore = () => {};

  /** ConfirmStored as the function does it. */
  const confirm = (handle: (ids: string[], signal: AbortSignal) => Promise<string[]>, observe = ignore) => ({
    ConfirmStored: unaryHandler<{ eventIds: string[] }, object>(async ({ eventIds }, signal) => {
      const stored = await handle(eventIds, signal);
      return { stored: stored.map((eventId) => ({ eventId })) };
    }, observe),
  });

  /** What a call answers when its handler throws this. */
  async function thrownBy(thrown: unknown, observe?: (...args: unknown[]) => void): Promise<HokusaiError> {
    const { port } = await serve(
      confirm(
        () => Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown))),
        observe as typeof ignore,
      ),
    );
    return refusalOf(clientOf(`127.0.0.1:${port}`));
  }

  async function refusalOf(client: ServiceClient<Definition>): Promise<HokusaiError> {
    const outcome = await client.call('ConfirmStored', { eventIds: [] }).catch((error: unknown) => error);
    assert.ok(outcome instanceof HokusaiError, `expected a HokusaiError, got ${String(outcome)}`);
    return outcome;
  }

  describe('errors', () => {
    it('arrive whole, whatever their code', async () => {
      for (const code of ERROR_CODES) {
        const options = {
          reason: 'key_revoked' as const,
          retryAfterSeconds: 7,
          violations: [{ path: 'scopes[1]', message: 'no such scope “mlflow:läsen” 🐳' }],
        };
        const error = new HokusaiError(code, 'Ungültig:\n100 % of “it”.', options);
        const { code: arrived, message, reason, violations, retryAfterSeconds } = await thrownBy(error);
        assert.deepEqual(
          { arrived, message, reason, violations, retryAfterSeconds },
          {
            arrived: code,
            message: error.message,
            ...options,
          },
        );
      }
    });

    it('arrive without what they don’t have', async () => {
      const error = await thrownBy(new HokusaiError('not_found', 'No such event.'));
      assert.deepEqual([error.reason, error.retryAfterSeconds, error.violations], [undefined, undefined, []]);
    });

    it('arrive with their code and message when they have more violations than a trailer holds', async () => {
      const violations = Array.from({ length: 2000 }, (_, index) => ({
        path: `allowed_ips[${index}]`,
        message: 'is not an address or block, such as 10.0.0.0/8 or 2001:db8::/32',
      }));
      const error = await thrownBy(new HokusaiError('unprocessable', 'Much is wrong.', { violations }));
      assert.deepEqual([error.code, error.message], ['unprocessable', 'Much is wrong.']);
      assert.ok(error.violations.length >= 20, `${error.violations.length} violations arrived`);
      assert.deepEqual(error.violations[0], violations[0]);
      assert.match(error.violations.at(-1)?.message ?? '', /^and 19\d\d more$/);
    });

    it('arrive when their message is long', async () => {
      const error = await thrownBy(new HokusaiError('conflict', 'ä'.repeat(20_000)));
      assert.equal(error.code, 'conflict');
      assert.match(error.message, /^ä{500}/);
    });

    it('say nothing of a defect but that it was one, and tell the observer all', async () => {
      const seen: unknown[] = [];
      const error = await thrownBy(new TypeError('password=hunter2'), (...args) => seen.push(...args));
      assert.equal(error.code, 'internal');
      assert.doesNotMatch(JSON.stringify([error.message, String((error.cause as Error).message)]), /hunter2/);
      const [observed, method] = seen as [HokusaiError, string];
      assert.equal((observed.cause as Error).message, 'password=hunter2');
      assert.equal(method, '/hokusai.audit.v1.AuditService/ConfirmStored');
    });

    it('of a handler that throws at once are no different', async () => {
      const handler = unaryHandler<object, object>(() => {
        throw new HokusaiError('conflict', 'At once.');
      }, ignore);
      const { port } = await serve({ ConfirmStored: handler });
      assert.equal((await refusalOf(clientOf(`127.0.0.1:${port}`))).message, 'At once.');
    });

    it('of others than us get a code and the name of who did not answer', async () => {
      const { port } = await serve({});
      const unimplemented = await refusalOf(clientOf(`127.0.0.1:${port}`));
      assert.deepEqual(
        [unimplemented.code, unimplemented.message],
        ['internal', 'The audit service did not answer (UNIMPLEMENTED).'],
      );
    });

    it('carry text that is not well-formed', async () => {
      const error = await thrownBy(new HokusaiError('conflict', 'half a pair: \ud83d'));
      assert.deepEqual([error.code, error.message], ['conflict', 'half a pair: \ufffd']);
    });

    it('are understood by any client', () => {
      const { code, details } = toStatus(new HokusaiError('rate_limited', 'Slow down.'));
      assert.deepEqual([code, details], [status.RESOURCE_EXHAUSTED, 'Slow down.']);
    });
  });

  describe('deadlines', () => {
    it('end a call, and tell the handler', async () => {
      const told = Promise.withResolvers<void>();
      const handlers = confirm((_, signal) => {
        signal.addEventListener('abort', () => told.resolve());
        return new Promise(() => {});
      });
      const { port } = await serve(handlers);
      const error = await refusalOf(clientOf(`127.0.0.1:${port}`, 50));
      assert.equal(error.code, 'deadline_exceeded');
      await told.promise;
    });

    it('can be set for one call', async () => {
      const { port } = await serve(confirm(() => new Promise(() => {})));
      const client = clientOf(`127.0.0.1:${port}`, 60_000);
      const call = client.call('ConfirmStored', { eventIds: [] }, { timeoutMs: 20 });
      await assert.rejects(call, { code: 'deadline_exceeded' });
    });

    it('give way to the caller’s own signal, before and during the call', async () => {
      const arrived = Promise.withResolvers<void>();
      const { port } = await serve(
        confirm(() => {
          arrived.resolve();
          return new Promise(() => {});
        }),
      );
      const client = clientOf(`127.0.0.1:${port}`);
      const before = client.call('ConfirmStored', { eventIds: [] }, { signal: AbortSignal.abort() });
      await assert.rejects(before, { code: 'unavailable' });
      const abort = new AbortController();
      const during = client.call('ConfirmStored', { eventIds: [] }, { signal: abort.signal });
      await arrived.promise;
      abort.abort();
      await assert.rejects(during, { code: 'unavailable' });
    });
  });

  describe('addresses', () => {
    const named = (name: string) => confirm(() => Promise.resolve([name]));
    const ask = async (client: ServiceClient<Definition>) =>
      (await client.call('ConfirmStored', { eventIds: [] })).stored[0]?.eventId;
    const deadPort = async () => {
      const { port, server } = await serve({});
      server.forceShutdown();
      return port;
    };

    it('that nobody listens at are told as an outage, at once', async () => {
      const error = await refusalOf(clientOf(`127.0.0.1:${await deadPort()}`));
      assert.deepEqual(
        [error.code, error.message],
        ['unavailable', 'The audit service did not answer (UNAVAILABLE).'],
      );
    });

    for (const host of ['127.0.0.1', 'localhost']) {
      it(`are gone round, and the dead one is passed (${host})`, async () => {
        const [a, b] = [await serve(named('a')), await serve(named('b'))];
        const ports = [a.port, await deadPort(), b.port];
        const client = clientOf(ports.map((port) => `${host}:${port}`).join(', '));
        const answers = new Set<string | undefined>();
        while (answers.size < 2) answers.add(await ask(client));
        a.server.forceShutdown();
        // A call that was under way may fail; from then on the other one answers all of them.
        await ask(client).catch(ignore);
        for (let call = 0; call < 10; call += 1) assert.equal(await ask(client), 'b');
      });
    }

    it('are found again when their server is back', async () => {
      const first = await serve(named('first'));
      const client = clientOf(`127.0.0.1:${first.port}`);
      assert.equal(await ask(client), 'first');
      first.server.forceShutdown();
      await assert.rejects(ask(client), { code: 'unavailable' });
      await serve(named('second'), first.port);
      // Far sooner than the minutes in between that are grpc-js's own.
      const startedAt = performance.now();
      while ((await ask(client).catch(() => undefined)) !== 'second') {
        assert.ok(performance.now() - startedAt < 30_000, 'within seconds');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  });

  describe('server streams', () => {
    const record = (index: number) => ({ event: { eventId: String(index), body: 'x'.repeat(8192) } });
    const exporting = (generate: () => AsyncGenerator<object>, observe = ignore) => ({
      ExportEvents: streamHandler<object, object>(generate, observe),
    });

    it('arrive in order and to the end, at the reader’s pace, without warnings', async () => {
      const warnings: Error[] = [];
      const note = (warning: Error) => warnings.push(warning);
      process.on('warning', note);
      let made = 0;
      const { port } = await serve(
        exporting(async function* () {
          for (; made < 2000; made += 1) yield await Promise.resolve(record(made));
        }),
      );
      const call = clientOf(`127.0.0.1:${port}`).serverStream('ExportEvents', {});
      let read = 0;
      for await (const { event } of call) {
        assert.equal(event?.eventId, String(read));
        read += 1;
        // A reader that is slower than the writer.
        await new Promise(setImmediate);
        assert.ok(made - read < 200, `${made - read} messages wait between writer and reader`);
      }
      await new Promise(setImmediate);
      process.off('warning', note);
      assert.equal(read, 2000);
      assert.deepEqual(warnings, []);
    });

    it('end with the error that their source throws', async () => {
      const { port } = await serve(
        exporting(async function* () {
          yield await Promise.resolve(record(0));
          throw new HokusaiError('permission_denied', 'No further.', { reason: 'scope_missing' });
        }),
      );
      const call = clientOf(`127.0.0.1:${port}`).serverStream('ExportEvents', {});
      const seen: unknown[] = [];
      call.on('data', (data) => seen.push(data));
      const [error] = (await once(call, 'error').catch((thrown: unknown) => [thrown])) as [ServiceError];
      const { code, message, reason } = fromServiceError(error, 'audit service');
      assert.deepEqual(
        [seen.length, code, message, reason],
        [1, 'permission_denied', 'No further.', 'scope_missing'],
      );
    });

    it('can be read like a list, and end when nobody reads on, or nothing comes', async () => {
      const ended = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let calls = 0;
      const { port } = await serve({
        ExportEvents: streamHandler<object, object>(async function* (_, signal) {
          const end = ended[calls];
          calls += 1;
          try {
            yield record(0);
            if (calls === 3) throw new HokusaiError('not_found', 'Gone.', { reason: 'key_not_found' });
            await once(signal, 'abort');
          } finally {
            end?.resolve();
          }
        }, ignore),
      });
      const client = clientOf(`127.0.0.1:${port}`);
      for await (const { event } of client.read('ExportEvents', {})) {
        assert.equal(event?.eventId, '0');
        break;
      }
      await ended[0]?.promise;
      const readAll = async (timeoutMs: number, signal?: AbortSignal) => {
        for await (const _ of client.read('ExportEvents', {}, { timeoutMs, ...(signal && { signal }) }));
      };
      await assert.rejects(readAll(100), { code: 'deadline_exceeded' });
      await ended[1]?.promise;
      await assert.rejects(readAll(5000), { code: 'not_found', message: 'Gone.', reason: 'key_not_found' });
      await assert.rejects(readAll(5000, AbortSignal.timeout(100)), { code: 'unavailable' });
      const nobody = clientOf('127.0.0.1:9').read('ExportEvents', {});
      await assert.rejects(nobody.next(), { code: 'unavailable' });
    });

    it('that the reader cancels let their source clean up, writing or waiting', async () => {
      const cleaned = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const { port } = await serve({
        ExportEvents: streamHandler<object, object>(async function* () {
          try {
            for (let index = 0; ; index += 1) yield await Promise.resolve(record(index));
          } finally {
            cleaned[0]?.resolve();
          }
        }, ignore),
        VerifyChain: unaryHandler<object, object>(() => Promise.resolve({}), ignore),
      });
      const client = clientOf(`127.0.0.1:${port}`);
      const writing = client.serverStream('ExportEvents', {});
      writing.on('error', ignore);
      writing.once('data', () => writing.cancel());
      await cleaned[0]?.promise;

      const other = await serve({
        ExportEvents: streamHandler<object, object>(async function* (_, signal) {
          try {
            yield record(0);
            await once(signal, 'abort');
          } finally {
            cleaned[1]?.resolve();
          }
        }, ignore),
      });
      const waiting = clientOf(`127.0.0.1:${other.port}`).serverStream('ExportEvents', {});
      waiting.on('error', ignore);
      waiting.once('data', () => waiting.cancel());
      await cleaned[1]?.promise;
    });
  });
});
