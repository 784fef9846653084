// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

export interface AuditEvent {
  'eventId'?: (string);
  'chainSeq'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
  'previousHash'?: (Buffer | Uint8Array | string);
  'occurredAt'?: (_google_protobuf_Timestamp | null);
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
  'actorUserId'?: (string);
  'actorKeyId'?: (string);
  'targetType'?: (string);
  'targetId'?: (string);
  'requestId'?: (string);
  'traceId'?: (string);
  /**
   * The stored bytes: canonical JSON (RFC 8785), over which the hash is taken.
   */
  'body'?: (string);
  /**
   * Values that the body holds as salted digests only; absent once erased.
   */
  'personalValues'?: ({[key: string]: string});
}

export interface AuditEvent__Output {
  'eventId': (string);
  'chainSeq': (string);
  'hash': (Buffer);
  'previousHash': (Buffer);
  'occurredAt': (_google_protobuf_Timestamp__Output | null);
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
  'actorUserId': (string);
  'actorKeyId': (string);
  'targetType': (string);
  'targetId': (string);
  'requestId': (string);
  'traceId': (string);
  /**
   * The stored bytes: canonical JSON (RFC 8785), over which the hash is taken.
   */
  'body': (string);
  /**
   * Values that the body holds as salted digests only; absent once erased.
   */
  'personalValues': ({[key: string]: string});
}
