import type { CallOptions, Int64, Search, SearchOptions, View } from './values.ts';

export type LifecycleStage = 'active' | 'deleted';

export interface Experiment {
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: LifecycleStage;
  tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  creationTime: Int64;
  lastUpdateTime: Int64;
}

export interface CreateExperimentOptions extends CallOptions {
  artifactLocation?: string;
  tags?: Readonly<Record<string, string>>;
}

/** Experiments of the server: `manager.experiments`. Names are unique, deleted ones included. */
export interface Experiments {
  /** Rejects with `AlreadyExistsError` if there is one of that name. */
  create(name: string, options?: CreateExperimentOptions): Promise<Experiment>;
  /** Rejects with `NotFoundError`. */
  get(experimentId: string, options?: CallOptions): Promise<Experiment>;
  /** undefined if there is none of that name; finds deleted ones too. */
  findByName(name: string, options?: CallOptions): Promise<Experiment | undefined>;
  /** The one of that name, made if there is none, also while others do the same. Rejects if it is deleted. */
  getOrCreate(name: string, options?: CreateExperimentOptions): Promise<Experiment>;
  rename(experimentId: string, name: string, options?: CallOptions): Promise<void>;
  delete(experimentId: string, options?: CallOptions): Promise<void>;
  restore(experimentId: string, options?: CallOptions): Promise<void>;
  setTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void>;
  search(options?: SearchOptions & { view?: View }): Search<Experiment>;
}
