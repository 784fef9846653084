// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The end of an export.
 */
export interface ExportEnd {
  /**
   * How many events it has.
   */
  'rows'?: (number | string | Long);
}

/**
 * The end of an export.
 */
export interface ExportEnd__Output {
  /**
   * How many events it has.
   */
  'rows': (string);
}
