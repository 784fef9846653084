// Original file: protos/hokusai/keys/v1/validation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * First message of a stream.
 */
export interface FollowOpen {
  /**
   * Identity of the gateway process, new at each start (uuid).
   */
  'incarnation'?: (string);
  /**
   * A name for people: host and port.
   */
  'gateway'?: (string);
  /**
   * Epoch and cut of the last tick that was applied; empty and 0 for a new process.
   */
  'lastEpoch'?: (string);
  /**
   * See last_epoch.
   */
  'lastCut'?: (number | string | Long);
  /**
   * For how long this gateway may trust after its last echoed ping, in
   * milliseconds: staleness plus outage grace. Receipts are fenced by it.
   */
  'trustMs'?: (number);
}

/**
 * First message of a stream.
 */
export interface FollowOpen__Output {
  /**
   * Identity of the gateway process, new at each start (uuid).
   */
  'incarnation': (string);
  /**
   * A name for people: host and port.
   */
  'gateway': (string);
  /**
   * Epoch and cut of the last tick that was applied; empty and 0 for a new process.
   */
  'lastEpoch': (string);
  /**
   * See last_epoch.
   */
  'lastCut': (string);
  /**
   * For how long this gateway may trust after its last echoed ping, in
   * milliseconds: staleness plus outage grace. Receipts are fenced by it.
   */
  'trustMs': (number);
}
