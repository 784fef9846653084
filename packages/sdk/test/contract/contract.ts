import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { createExperimentManager, type ExperimentManagerConfig, type Logger } from '../../src/index.ts';
import { artifactsContract } from './artifacts.ts';
import { callsContract } from './calls.ts';
import { downloadsContract } from './downloads.ts';
import { experimentsContract } from './experiments.ts';
import { metricsContract } from './metrics.ts';
import { registryContract } from './registry.ts';
import { runsContract } from './runs.ts';
import { searchContract } from './search.ts';
import type { Subject } from './subject.ts';

const run = promisify(execFile);
const LOG_MODEL = join(import.meta.dirname, '../fixtures/log_model.py');

export interface Target {
  name: string;
  /** Of MLflow. */
  major: 2 | 3;
  /** Starts what is needed and says how to reach it. */
  connect(): Promise<ExperimentManagerConfig>;
  close?(): Promise<void>;
  /** The Python that has MLflow's client of that version; none for the mock. */
  python?: () => Promise<string>;
}

/** Starting servers for the first time installs them. */
const START_LIMIT_MS = 300_000;

async function environmentOf({ connect }: Target): Promise<NodeJS.ProcessEnv> {
  const { trackingUri = '', apiKey } = await connect();
  return {
    MLFLOW_TRACKING_URI: String(trackingUri),
    ...(apiKey !== undefined && { MLFLOW_TRACKING_TOKEN: String(apiKey) }),
  };
}

/** What holds of every `ExperimentManager`, whatever is behind it. */
export function contract(target: Target): void {
  describe(`an ExperimentManager on ${target.name}`, function () {
    this.timeout(30_000);
    let subject: Subject;
    let warnings: string[] = [];
    const warn: Logger['warn'] = (message, details) => {
      warnings.push(`${message} ${inspect(details, { breakLength: Number.POSITIVE_INFINITY })}`);
    };
    const logger = { debug: () => undefined, info: () => undefined, warn, error: warn };
    before(async function () {
      this.timeout(START_LIMIT_MS);
      const suffix = randomUUID().slice(0, 8);
      const unique = (name: string) => `${name}-${suffix}`;
      const experimentName = unique('contract');
      const config = { mockMode: false, logger, ...(await target.connect()), experimentName };
      subject = { manager: createExperimentManager(config), experimentName, major: target.major, unique };
    });
    beforeEach(() => {
      warnings = [];
    });
    afterEach(function () {
      const error = this.currentTest?.err;
      if (error?.stack) error.stack += `\nThe SDK warned of:\n${warnings.join('\n')}`;
    });
    after(async () => {
      await subject?.manager.close();
      await target.close?.();
    });

    const get = () => subject;
    const { python } = target;
    const runPython = async (...args: string[]) => {
      const env = { ...process.env, ...(await environmentOf(target)) };
      const ended = await run((await python?.()) ?? '', [LOG_MODEL, ...args], { env });
      return ended.stdout.trim().split('\n').at(-1) ?? '';
    };
    describe('experiments', () => experimentsContract(get));
    describe('runs', () => runsContract(get));
    describe('metrics', () => metricsContract(get));
    describe('searches', () => searchContract(get));
    describe('artifacts', () => artifactsContract(get));
    describe('the model registry', () => registryContract(get));
    describe('files of versions', () =>
      downloadsContract(
        get,
        python && { logModel: runPython, predict: (folder) => runPython('predict', folder) },
      ));
    describe('calls', () => callsContract(get));
  });
}
