import type { TransferOptions, TransferredFile } from './artifact.ts';
import type { CallOptions, Int64, Search, SearchOptions } from './values.ts';

export interface RegisteredModel {
  name: string;
  description: string;
  tags: Readonly<Record<string, string>>;
  /** Version by alias. */
  aliases: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  creationTime: Int64;
  lastUpdateTime: Int64;
}

export interface ModelVersion {
  name: string;
  /** A number, counted from 1, as text. */
  version: string;
  description: string;
  /** Where its files are. */
  source: string;
  /** null if it comes from no run. */
  runId: string | null;
  status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY';
  tags: Readonly<Record<string, string>>;
  aliases: readonly string[];
  creationTime: Int64;
  lastUpdateTime: Int64;
}

export interface DescribedOptions extends CallOptions {
  description?: string;
  tags?: Readonly<Record<string, string>>;
}

export interface CreateVersionOptions extends DescribedOptions {
  /** Where its files are, e.g. `runs:/<run id>/model`; `registerFromRun` finds it by itself. */
  source: string;
  runId?: string;
}

/** The model registry: `manager.models`. */
export interface Models {
  /** Rejects with `AlreadyExistsError`. */
  create(name: string, options?: DescribedOptions): Promise<RegisteredModel>;
  /** Rejects with `NotFoundError`. */
  get(name: string, options?: CallOptions): Promise<RegisteredModel>;
  rename(name: string, newName: string, options?: CallOptions): Promise<void>;
  describe(name: string, description: string, options?: CallOptions): Promise<void>;
  delete(name: string, options?: CallOptions): Promise<void>;
  setTag(name: string, key: string, value: string, options?: CallOptions): Promise<void>;
  deleteTag(name: string, key: string, options?: CallOptions): Promise<void>;
  search(options?: SearchOptions): Search<RegisteredModel>;

  /**
   * Registers what `artifactPath` of a run holds as a new version, and the model if there is none of that name: as
   * `Run.registerModel`, for a run that this program does not write.
   */
  registerFromRun(
    name: string,
    runId: string,
    artifactPath: string,
    options?: DescribedOptions,
  ): Promise<ModelVersion>;
  createVersion(name: string, options: CreateVersionOptions): Promise<ModelVersion>;
  getVersion(name: string, version: string, options?: CallOptions): Promise<ModelVersion>;
  /** Rejects with `NotFoundError`, also if there is no such alias. */
  getVersionByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion>;
  describeVersion(name: string, version: string, description: string, options?: CallOptions): Promise<void>;
  deleteVersion(name: string, version: string, options?: CallOptions): Promise<void>;
  setVersionTag(
    name: string,
    version: string,
    key: string,
    value: string,
    options?: CallOptions,
  ): Promise<void>;
  deleteVersionTag(name: string, version: string, key: string, options?: CallOptions): Promise<void>;
  /** The address of a version's files, for whoever loads them. */
  downloadUri(name: string, version: string, options?: CallOptions): Promise<string>;
  /**
   * The files of a version into a local folder, made if it is not there: of whatever a run holds, and of the models that
   * MLflow 3 keeps beside runs. Rejects with `NotFoundError`, and with `InvalidRequestError` where the files are in a store
   * that the server does not pass on.
   *
   * @param versionOrAlias a number such as `3`, or an alias such as `champion` or `@champion`
   * @returns each file with its path in that folder, its size and its SHA-256
   */
  download(
    name: string,
    versionOrAlias: string,
    localFolder: string,
    options?: TransferOptions,
  ): Promise<readonly TransferredFile[]>;
  searchVersions(options?: SearchOptions): Search<ModelVersion>;
  /** Moves it from the version that has it, if one does. */
  setAlias(name: string, alias: string, version: string, options?: CallOptions): Promise<void>;
  deleteAlias(name: string, alias: string, options?: CallOptions): Promise<void>;
}
