import { checkObject } from '../api/given.ts';
import type { RunCalls } from '../api/runs.ts';
import { checkInt64, checkMetric } from '../api/write.ts';
import { BufferError, InvalidRequestError } from '../errors/errors.ts';
import type { RunArtifacts } from '../model/artifact.ts';
import type {
  Batch,
  Dataset,
  EndRunOptions,
  FinalStatus,
  Metric,
  MetricOptions,
  ParamValue,
  Run,
  RunInfo,
  StartRunOptions,
} from '../model/run.ts';
import type { CallOptions } from '../model/values.ts';
import { rejectOnAbort } from './abort.ts';
import type { MetricBuffer } from './metric-buffer.ts';
import { inRequests } from './requests.ts';

export interface RunDependencies {
  calls: RunCalls;
  buffer: MetricBuffer;
  artifacts: RunArtifacts;
  now: () => number;
  registerModel: Run['registerModel'];
  startRun(options: StartRunOptions): Promise<Run>;
  withRun<Result>(options: StartRunOptions, work: (run: Run) => Result | Promise<Result>): Promise<Result>;
  /** Called before anything is on its way, for `flush` of the manager. */
  onBusy(): void;
  onSettled(): void;
}

const FINAL: readonly FinalStatus[] = ['FINISHED', 'FAILED', 'KILLED'];
const DATASET_CONTEXT = 'mlflow.data.context';

export class MlflowRun implements Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly runName: string;
  readonly artifacts: RunArtifacts;
  readonly registerModel: Run['registerModel'];
  readonly #dependencies: RunDependencies;
  /** Calls that were not answered yet, metrics aside. */
  readonly #underWay = new Set<Promise<unknown>>();
  #hasEnded = false;
  #ending: Promise<void> | undefined;

  constructor(info: RunInfo, dependencies: RunDependencies) {
    this.runId = info.runId;
    this.experimentId = info.experimentId;
    this.runName = info.runName;
    this.artifacts = dependencies.artifacts;
    this.registerModel = dependencies.registerModel;
    this.#dependencies = dependencies;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get unsentMetrics(): number {
    return this.#dependencies.buffer.unsent;
  }

  get isSettled(): boolean {
    return this.#underWay.size === 0 && this.#dependencies.buffer.isSettled;
  }

  logParam(key: string, value: ParamValue, options?: CallOptions): Promise<void> {
    return this.#call((calls) => calls.logParam(this.runId, key, value, options));
  }

  logParams(params: Readonly<Record<string, ParamValue>>, options?: CallOptions): Promise<void> {
    return this.#call(async () => {
      checkObject(params, 'The params');
      await this.#send({ params }, options);
    });
  }

  async logMetric(key: string, value: number, options: MetricOptions = {}): Promise<void> {
    await this.#buffer([this.#metric(key, value, options)]);
  }

  async logMetrics(values: Readonly<Record<string, number>>, options: MetricOptions = {}): Promise<void> {
    checkObject(values, 'The metrics');
    const timestamp = options.timestamp ?? this.#dependencies.now();
    await this.#buffer(
      Object.entries(values).map(([key, value]) => this.#metric(key, value, { ...options, timestamp })),
    );
  }

  async logBatch(batch: Batch, options?: CallOptions): Promise<void> {
    checkObject(batch, 'The contents of a batch');
    batch.metrics?.forEach(checkMetric);
    await this.#call(() => this.#dependencies.buffer.after(() => this.#send(batch, options), options));
  }

  setTag(key: string, value: string, options?: CallOptions): Promise<void> {
    return this.#call((calls) => calls.setTag(this.runId, key, value, options));
  }

  setTags(tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void> {
    return this.#call(async () => {
      checkObject(tags, 'The tags');
      await this.#send({ tags }, options);
    });
  }

  deleteTag(key: string, options?: CallOptions): Promise<void> {
    return this.#call((calls) => calls.deleteTag(this.runId, key, options));
  }

  async logInput(
    dataset: Dataset,
    options: CallOptions & { context?: string; tags?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    checkObject(dataset, 'The members of a dataset');
    const { context, tags } = options;
    const all = { ...tags, ...(context !== undefined && { [DATASET_CONTEXT]: context }) };
    await this.#call((calls) => calls.logInput(this.runId, dataset, all, options));
  }

  startRun(options: Omit<StartRunOptions, 'parentRunId'> = {}): Promise<Run> {
    return this.#dependencies.startRun(this.#nested(options));
  }

  withRun<Result>(
    options: Omit<StartRunOptions, 'parentRunId'>,
    work: (run: Run) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#dependencies.withRun(this.#nested(options), work);
  }

  async flush(options?: CallOptions): Promise<void> {
    const all = Promise.allSettled([this.#dependencies.buffer.flush(options), ...this.#underWay]);
    const results = await rejectOnAbort(all, options?.signal, 'waiting for what was logged');
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
  }

  async end(status: FinalStatus = 'FINISHED', options: EndRunOptions = {}): Promise<void> {
    if (this.#hasEnded) {
      return;
    }
    if (!FINAL.includes(status)) {
      throw new InvalidRequestError(`A run ends as ${FINAL.join(', ')}, and not as ${String(status)}.`);
    }
    this.#ending ??= this.#end(status, options).finally(() => {
      this.#ending = undefined;
    });
    await this.#ending;
  }

  /**
   * Ends it also where what it has logged can't be stored: for whoever will not ask again. It is FINISHED only if its
   * work was done and all that it has logged is stored.
   */
  async giveUp(hasWorked: boolean): Promise<void> {
    const endTime = this.#dependencies.now();
    const isStored = await this.flush().then(
      () => true,
      () => false,
    );
    await this.#update(hasWorked && isStored ? 'FINISHED' : 'FAILED', { endTime });
  }

  async #end(status: FinalStatus, options: EndRunOptions): Promise<void> {
    const endTime = options.endTime ?? this.#dependencies.now();
    checkInt64(endTime, 'The end time');
    const [flushed] = await Promise.allSettled([this.flush(options)]);
    // What is lost for good keeps no run from ending; what can still be sent does.
    if (flushed.status === 'rejected' && !isForGood(flushed.reason)) {
      throw flushed.reason;
    }
    await this.#update(status, { ...options, endTime });
    if (flushed.status === 'rejected') {
      throw flushed.reason;
    }
  }

  async #update(status: FinalStatus, { endTime, ...options }: EndRunOptions): Promise<void> {
    await this.#dependencies.calls.update(
      this.runId,
      { status, ...(endTime !== undefined && { endTime }) },
      options,
    );
    this.#hasEnded = true;
  }

  #metric(key: string, value: number, { step = 0, timestamp }: MetricOptions): Metric {
    return checkMetric({ key, value, step, timestamp: timestamp ?? this.#dependencies.now() });
  }

  async #buffer(metrics: readonly Metric[]): Promise<void> {
    this.#checkOpen();
    this.#dependencies.onBusy();
    await this.#dependencies.buffer.add(metrics);
  }

  async #send(batch: Batch, options?: CallOptions): Promise<void> {
    for (const request of inRequests(batch)) {
      await this.#dependencies.calls.logBatch(this.runId, request, options);
    }
  }

  /** A call that `flush` waits for. */
  async #call(call: (calls: RunCalls) => Promise<void>): Promise<void> {
    this.#checkOpen();
    this.#dependencies.onBusy();
    const answer = call(this.#dependencies.calls);
    this.#underWay.add(answer);
    try {
      await answer;
    } finally {
      this.#underWay.delete(answer);
      if (this.isSettled) {
        this.#dependencies.onSettled();
      }
    }
  }

  #checkOpen(): void {
    if (this.#hasEnded || this.#ending !== undefined) {
      throw new InvalidRequestError(
        `The run ${this.runId} has ended: to log more, go on with manager.runs.resume('${this.runId}').`,
      );
    }
  }

  #nested(options: Omit<StartRunOptions, 'parentRunId'>): StartRunOptions {
    const isPlaced = options.experimentId !== undefined || options.experimentName !== undefined;
    return {
      ...options,
      parentRunId: this.runId,
      ...(!isPlaced && { experimentId: this.experimentId }),
    };
  }
}

function isForGood(error: unknown): boolean {
  return error instanceof BufferError || error instanceof InvalidRequestError;
}
