/** What making admin keys on the keys host needs from storage. */
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
