/** What this service keeps of where its audit events stand in the log: hashes that the log's owner can't rewrite. */
import { HokusaiError, unprocessable } from '@hokusai/contracts/errors';
import type { Actor } from './actor.ts';

export interface Witness {
  chainSeq: number;
  /** SHA-256, 32 bytes. */
  hash: Uint8Array;
}

export interface WitnessPage {
  witnesses: Witness[];
  hasMore: boolean;
}

/** Throws `unavailable` while the database can't be reached. */
export interface WitnessStore {
  /** In the order of the log, at most `limit`, of rows after `after`. */
  listWitnesses(after: number, limit: number): Promise<Witness[]>;
}

const DEFAULT_PAGE_SIZE = 1000;
const MAX_PAGE_SIZE = 10_000;

/** Throws `permission_denied` unless the actor is an admin, as who verifies the whole log has to be. */
export function requireAuditAdmin(actor: Actor): void {
  if (actor.isAdmin) return;
  throw new HokusaiError(
    'permission_denied',
    'Only an admin can verify the audit log, or list what proves it.',
    { reason: 'admin_only' },
  );
}

/** The page's size; throws `unprocessable`. */
export function witnessPageSize(asked: number): number {
  if (asked > MAX_PAGE_SIZE)
    throw unprocessable([{ path: 'page_size', message: `expected at most ${MAX_PAGE_SIZE}` }]);
  return asked || DEFAULT_PAGE_SIZE;
}
