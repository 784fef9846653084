// Original file: protos/hokusai/keys/v1/types.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Where in the database's history something was read. Together with Follow's
 * ticks it tells whether a later change can have been missed.
 */
export interface ReadPoint {
  /**
   * Identity of the database's history: cluster, WAL timeline and server start.
   */
  'epoch'?: (string);
  /**
   * pg_snapshot_xmin of the snapshot that was read: everything below is visible.
   */
  'cut'?: (number | string | Long);
  /**
   * The database's clock at the read.
   */
  'readAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * Where in the database's history something was read. Together with Follow's
 * ticks it tells whether a later change can have been missed.
 */
export interface ReadPoint__Output {
  /**
   * Identity of the database's history: cluster, WAL timeline and server start.
   */
  'epoch': (string);
  /**
   * pg_snapshot_xmin of the snapshot that was read: everything below is visible.
   */
  'cut': (string);
  /**
   * The database's clock at the read.
   */
  'readAt': (_google_protobuf_Timestamp__Output | null);
}
