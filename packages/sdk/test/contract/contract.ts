import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { createExperimentManager, type ExperimentManagerConfig, type Logger } from '../../src/index.ts';
import { artifactsContract } from './artifacts.ts';
import { callsContract } from './calls.ts';
import { experimentsContract } from './experiments.ts';
import { metricsContract } from './metrics.ts';
import { registryContract } from './registry.ts';
import { runsContract } from './runs.ts';
import { searchContract } from './search.ts';
import type { Subject } from './subject.ts';

export interface Target {
  name: string;
  /** Of MLflow. */
  major: 2 | 3;
  /** Starts what is needed and says how to reach it. */
  connect(): Promise<ExperimentManagerConfig>;
  close?(): Promise<void>;
}

/** Starting servers for the first time installs them. */
const START_LIMIT_MS = 300_000;

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
    describe('experiments', () => experimentsContract(get));
    describe('runs', () => runsContract(get));
    describe('metrics', () => metricsContract(get));
    describe('searches', () => searchContract(get));
    describe('artifacts', () => artifactsContract(get));
    describe('the model registry', () => registryContract(get));
    describe('calls', () => callsContract(get));
  });
}
