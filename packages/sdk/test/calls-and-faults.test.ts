/** Every call of the SDK meets every fault: it gets the documented error, or recovers and has happened once. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { resolveConfig } from '../src/config/config.ts';
import { createHttpClient, type HttpClient } from '../src/http/client.ts';
import { systemClock } from '../src/http/system.ts';
import { createExperimentManager, type ExperimentManager, MlPlatformError } from '../src/index.ts';
import { noExitWatch } from '../src/manager/exit-watch.ts';
import { createMlflowManager } from '../src/manager/manager.ts';
import { systemTimer } from '../src/manager/timer.ts';
import { randomRuns } from '../src/mock/ids.ts';
import { createMemoryClient } from '../src/mock/server/client.ts';
import { createMemory } from '../src/mock/server/memory.ts';
import { type Fault, startFaultServer } from './support/fault-server.ts';
import { FAULTS, JSON_FAULTS } from './support/faults.ts';
import { memoryBehind } from './support/memory-behind.ts';
import { fillWorld, SDK_CALLS, type SdkCall } from './support/sdk-calls.ts';

const LONG_MS = 20_000;
/** Of the faults that are noticed by nothing else. */
const HANG_MS = 500;
const AT_ONCE = 8;

interface Outcome {
  /** `ok`, or the code of the error. */
  result: string;
  /** How often the request was sent that met the fault. */
  sent: number;
}

function managerOver(http: HttpClient, url: string): ExperimentManager {
  const config = resolveConfig({ trackingUri: url, experimentName: 'world', metricsFlushMs: LONG_MS }, {});
  return createMlflowManager(config, http, {
    clock: systemClock,
    setTimer: systemTimer,
    exitWatch: noExitWatch,
    contextTags: {},
  });
}

async function meet(call: SdkCall, fault: Fault | 'refuse'): Promise<Outcome> {
  const memory = createMemoryClient(
    createMemory({ now: Date.now, newRun: randomRuns(() => randomBytes(16)) }),
  );
  const world = await fillWorld(managerOver(memory, 'http://memory'));
  const server = await startFaultServer(memoryBehind(memory));
  const timeoutMs = typeof fault === 'string' && fault.startsWith('hang') ? HANG_MS : LONG_MS;
  const config = resolveConfig({ trackingUri: server.url, timeoutMs, maxRetries: 2 }, {});
  const client = createHttpClient(config, {
    clock: systemClock,
    delay: () => Promise.resolve(),
    random: Math.random,
    logger: config.logger,
  });
  const manager = managerOver(client, server.url);
  try {
    const run = await manager.runs.resume(world.runId);
    const [method, path] = call.request.split(' ');
    const kind = new RegExp(`^${method} [^?]*/${path}(\\?|$)`);
    if (fault !== 'refuse') server.planFor(kind, fault);
    else {
      // Whether a connection that ends just now has taken a request can't be known: there shall be none.
      client.close();
      server.plan();
      await server.close();
    }
    const result = await resultOf(call.make(manager, { ...world, run }));
    return {
      result,
      sent: server.requests.filter((seen) => kind.test(`${seen.method} ${seen.path}`)).length,
    };
  } finally {
    client.close();
    await server.close();
  }
}

async function resultOf(made: Promise<unknown>): Promise<string> {
  try {
    await made;
    return 'ok';
  } catch (error) {
    if (!(error instanceof MlPlatformError)) throw error;
    // What the buffer could not send says why.
    return error.code === 'BUFFER' && error.cause instanceof MlPlatformError ? error.cause.code : error.code;
  }
}

/** By the name of the call, so that what differs is seen at a glance; some at once, as long as none waits for a turn. */
async function outcomes(
  calls: readonly SdkCall[],
  fault: Fault | 'refuse',
): Promise<Record<string, Outcome>> {
  const left = [...calls];
  const all: Record<string, Outcome> = {};
  const worker = async () => {
    for (let call = left.shift(); call !== undefined; call = left.shift())
      all[call.name] = await meet(call, fault);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return all;
}

function expected(calls: readonly SdkCall[], recovers: (call: SdkCall) => boolean, code: string) {
  const outcome = (call: SdkCall) => (recovers(call) ? { result: 'ok', sent: 2 } : { result: code, sent: 1 });
  return Object.fromEntries(calls.map((call) => [call.name, outcome(call)]));
}

describe('all calls of the SDK', () => {
  const json = SDK_CALLS.filter(({ answer }) => answer === 'json');

  for (const [name, { fault, code, once }] of Object.entries({ ...FAULTS, ...JSON_FAULTS })) {
    const calls = name in JSON_FAULTS ? json : SDK_CALLS;
    it(`${once === 'fails' ? 'fail' : 'fail or recover'} as documented: ${name}`, async () => {
      // A stream can be read once, also when the server has surely done nothing.
      const recovers = (call: SdkCall) =>
        (once === 'recovers' && call.name !== 'artifacts.upload of a stream') ||
        (once === 'recovers-if-repeatable' && call.isRepeatable);
      assert.deepEqual(await outcomes(calls, fault), expected(calls, recovers, code));
    }).timeout(60_000);
  }

  it('fail as documented: nothing listens', async () => {
    const wanted = Object.fromEntries(
      SDK_CALLS.map(({ name }) => [name, { result: 'CONNECTION_REFUSED', sent: 0 }]),
    );
    assert.deepEqual(await outcomes(SDK_CALLS, 'refuse'), wanted);
  }).timeout(60_000);

  it('are among those that are tried here', async () => {
    const manager = createExperimentManager({ mockMode: true });
    const run = await manager.startRun();
    const groups = {
      'experiments.': manager.experiments,
      'runs.': manager.runs,
      'models.': manager.models,
      'run.': run,
      'artifacts.': run.artifacts,
    };
    const names = Object.entries(groups).flatMap(([group, object]) =>
      methodsOf(object).map((method) => `${group}${method}`),
    );
    const tried = new Set(SDK_CALLS.flatMap(({ name }) => name.split(/:| of | and (?=flush)/)[0] ?? name));
    // They send the same requests as others do; `giveUp` is not of the interface.
    const likeOthers = ['logMetric', 'logMetrics', 'flush', 'startRun', 'withRun', 'giveUp'].map(
      (method) => `run.${method}`,
    );
    assert.deepEqual(
      names.filter((name) => !tried.has(name) && !likeOthers.includes(name)),
      [],
    );
    await manager.close();
  });

  it('fail or recover as documented: done, but the answer is lost', async () => {
    const recovers = ({ isRepeatable }: SdkCall) => isRepeatable;
    const wanted = expected(SDK_CALLS, recovers, 'CONNECTION_LOST');
    assert.deepEqual(await outcomes(SDK_CALLS, 'reset-after'), wanted);
  }).timeout(60_000);
});

function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
  return [...names];
}
