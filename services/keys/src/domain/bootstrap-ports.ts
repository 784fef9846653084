/** What making admin keys on the keys host needs from storage, and of the file that they are for. */
import type { UserTransaction } from './user-ports.ts';

export interface BootstrapTransaction extends UserTransaction {
  hasAdminKey(): Promise<boolean>;
  /** Id of the user, if they are an admin who is not disabled. */
  findActiveAdmin(externalId: string): Promise<string | null>;
  isExternalIdTaken(externalId: string): Promise<boolean>;
}

/** For making admin keys on the keys host. */
export interface BootstrapStore {
  /** True if there was ever a key with the scope admin. */
  hasAdminKey(): Promise<boolean>;
  /** One at a time among all replicas. */
  exclusively<Result>(work: (tx: BootstrapTransaction) => Promise<Result>): Promise<Result>;
}

/** A key beside the file that is to hold it. */
export interface KeyDraft {
  /** Where it is until it is published. */
  path: string;
  /** Puts it in the place of the file. Readers see the old content or the new, and it lasts. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}
