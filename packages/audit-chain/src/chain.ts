/**
 * The chain of the audit log: what is stored of an event, and how each row is bound to the one before.
 *
 *     body = canonical JSON (RFC 8785) of the event, with its number and the digests of personal values
 *     hash = SHA-256(previous hash, 32 bytes ‖ body in UTF-8); before the first row: 32 zero bytes
 *     digest of a personal value = HMAC-SHA-256(salt, name ‖ ':' ‖ value), lower-case hex
 */
import { canonicalJson } from './canonical-json.ts';
import { hmacSha256, isSha256Of, sha256Of } from './sha256.ts';

export interface ChainHead {
  /** Number of the last row; 0 while there is none. */
  chainSeq: number;
  /** 32 bytes. */
  hash: Uint8Array;
}

export const EMPTY_CHAIN: ChainHead = { chainSeq: 0, hash: new Uint8Array(32) };

export interface PersonalValue {
  name: string;
  value: string;
  /** 32 random bytes. */
  salt: Uint8Array;
}

/** What the chain binds of a row. */
export interface ProvenRow {
  chainSeq: number;
  eventId: string;
  previousHash: Uint8Array;
  hash: Uint8Array;
  body: string;
  /** What is there of them: erased ones are missing. */
  personal: readonly PersonalValue[];
}

/** A row of the log as it is stored, with the columns beside its body. */
export interface ChainRow extends ProvenRow {
  columns: QueryColumns;
}

/** Parts of the body that queries select by. Times as ISO 8601 in UTC with milliseconds. */
export interface QueryColumns {
  stored_at: string;
  occurred_at: string;
  source: string;
  action: string;
  outcome: string;
  actor_user_id: string | null;
  actor_key_id: string | null;
  target_type: string | null;
  target_id: string | null;
  /** Of a key: whose it is. */
  target_owner_id: string | null;
  request_id: string | null;
  trace_id: string | null;
}

/** What verifying reads of a body. */
export interface BodyContent {
  chain_seq: number;
  event_id: string;
  source: string;
  action: string;
  outcome: string;
  stored_at: string;
  occurred_at: string;
  actor: { user_id: string | null; key_id: string | null };
  target: { type: string; id: string; owner_user_id?: string } | null;
  request_id: string | null;
  trace_id: string | null;
  /** Digests by name. */
  personal: Record<string, string>;
}

export const BODY_VERSION = 1;

/** The bytes that are hashed, of a body's content or members of it. Throws for what canonical JSON has no form of. */
export function bodyOf(content: Partial<BodyContent>): string {
  return canonicalJson(content);
}

/** SHA-256 over the predecessor's hash and the stored bytes. */
export function chainHash(previousHash: Uint8Array, body: string): Uint8Array {
  return sha256Of(previousHash, body);
}

/** Whether a row's hash is that of its body and of the hash before it. */
export function fitsItsHash({ hash, previousHash, body }: ProvenRow): boolean {
  return isSha256Of(hash, previousHash, body);
}

/** What the log keeps of a personal value; without its salt it tells nothing. */
export function personalDigest({ name, value, salt }: PersonalValue): string {
  return hmacSha256(salt, `${name}:${value}`);
}

/** The columns that belong to a body's content. */
export function columnsOf(content: BodyContent): QueryColumns {
  const { actor, target } = content;
  return {
    stored_at: content.stored_at,
    occurred_at: content.occurred_at,
    source: content.source,
    action: content.action,
    outcome: content.outcome,
    actor_user_id: actor.user_id?.toLowerCase() ?? null,
    actor_key_id: actor.key_id?.toLowerCase() ?? null,
    target_type: target?.type ?? null,
    target_id: target?.id ?? null,
    target_owner_id: target?.owner_user_id?.toLowerCase() ?? null,
    request_id: content.request_id,
    trace_id: content.trace_id,
  };
}

/** Whether two hashes are the same. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
