// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { PersonalValue as _hokusai_audit_v1_PersonalValue, PersonalValue__Output as _hokusai_audit_v1_PersonalValue__Output } from '../../../hokusai/audit/v1/PersonalValue.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One row of the chain.
 */
export interface AuditEvent {
  /**
   * A uuid.
   */
  'eventId'?: (string);
  /**
   * Its number, from 1, without gaps.
   */
  'chainSeq'?: (number | string | Long);
  /**
   * SHA-256 over number, predecessor and body, 32 bytes.
   */
  'hash'?: (Buffer | Uint8Array | string);
  /**
   * Hash of the row before.
   */
  'previousHash'?: (Buffer | Uint8Array | string);
  /**
   * When it happened, by the clock of its source.
   */
  'occurredAt'?: (_google_protobuf_Timestamp | null);
  /**
   * When it was appended.
   */
  'storedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * keys, gateway, audit.
   */
  'source'?: (string);
  /**
   * key.created, key.revoked, auth.refused, ….
   */
  'action'?: (string);
  /**
   * success, refused, failed.
   */
  'outcome'?: (string);
  /**
   * Who did it (uuid); empty if nobody is known.
   */
  'actorUserId'?: (string);
  /**
   * The key that acted (uuid); may be empty.
   */
  'actorKeyId'?: (string);
  /**
   * key or user; may be empty.
   */
  'targetType'?: (string);
  /**
   * What it was done to (uuid); may be empty.
   */
  'targetId'?: (string);
  /**
   * Id of the request that did it; may be empty.
   */
  'requestId'?: (string);
  /**
   * W3C trace id; may be empty.
   */
  'traceId'?: (string);
  /**
   * The stored bytes: canonical JSON (RFC 8785), over which the hash is taken.
   */
  'body'?: (string);
  /**
   * Values that the body holds as salted digests only; absent once erased, and where the
   * reader may not see them.
   */
  'personalValues'?: (_hokusai_audit_v1_PersonalValue)[];
  /**
   * Columns of the database (occurred_at, action, …) that say something else than the body does: somebody has
   * changed them. The fields above say what the body does. Such rows are for admins only.
   */
  'alteredColumns'?: (string)[];
}

/**
 * One row of the chain.
 */
export interface AuditEvent__Output {
  /**
   * A uuid.
   */
  'eventId': (string);
  /**
   * Its number, from 1, without gaps.
   */
  'chainSeq': (string);
  /**
   * SHA-256 over number, predecessor and body, 32 bytes.
   */
  'hash': (Buffer);
  /**
   * Hash of the row before.
   */
  'previousHash': (Buffer);
  /**
   * When it happened, by the clock of its source.
   */
  'occurredAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * When it was appended.
   */
  'storedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * keys, gateway, audit.
   */
  'source': (string);
  /**
   * key.created, key.revoked, auth.refused, ….
   */
  'action': (string);
  /**
   * success, refused, failed.
   */
  'outcome': (string);
  /**
   * Who did it (uuid); empty if nobody is known.
   */
  'actorUserId': (string);
  /**
   * The key that acted (uuid); may be empty.
   */
  'actorKeyId': (string);
  /**
   * key or user; may be empty.
   */
  'targetType': (string);
  /**
   * What it was done to (uuid); may be empty.
   */
  'targetId': (string);
  /**
   * Id of the request that did it; may be empty.
   */
  'requestId': (string);
  /**
   * W3C trace id; may be empty.
   */
  'traceId': (string);
  /**
   * The stored bytes: canonical JSON (RFC 8785), over which the hash is taken.
   */
  'body': (string);
  /**
   * Values that the body holds as salted digests only; absent once erased, and where the
   * reader may not see them.
   */
  'personalValues': (_hokusai_audit_v1_PersonalValue__Output)[];
  /**
   * Columns of the database (occurred_at, action, …) that say something else than the body does: somebody has
   * changed them. The fields above say what the body does. Such rows are for admins only.
   */
  'alteredColumns': (string)[];
}
