// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What one client would have been refused for one reason.
 */
export interface ObservedClient {
  /**
   * The same as in the answer of a gateway that enforces.
   */
  'reason'?: (string);
  /**
   * Its address, or its network with IPv6; empty for all further clients of minutes with very many.
   */
  'clientIp'?: (string);
  /**
   * What kind of program it is.
   */
  'userAgentFamily'?: (string);
  /**
   * Public prefix of the key that it sent; empty if there is none.
   */
  'keyPrefix'?: (string);
  /**
   * Name of that key, if there is one.
   */
  'keyName'?: (string);
  /**
   * How many.
   */
  'requests'?: (number | string | Long);
  /**
   * Start of the first minute in which there were any.
   */
  'firstMinute'?: (_google_protobuf_Timestamp | null);
  /**
   * Start of the last one.
   */
  'lastMinute'?: (_google_protobuf_Timestamp | null);
}

/**
 * What one client would have been refused for one reason.
 */
export interface ObservedClient__Output {
  /**
   * The same as in the answer of a gateway that enforces.
   */
  'reason': (string);
  /**
   * Its address, or its network with IPv6; empty for all further clients of minutes with very many.
   */
  'clientIp': (string);
  /**
   * What kind of program it is.
   */
  'userAgentFamily': (string);
  /**
   * Public prefix of the key that it sent; empty if there is none.
   */
  'keyPrefix': (string);
  /**
   * Name of that key, if there is one.
   */
  'keyName': (string);
  /**
   * How many.
   */
  'requests': (string);
  /**
   * Start of the first minute in which there were any.
   */
  'firstMinute': (_google_protobuf_Timestamp__Output | null);
  /**
   * Start of the last one.
   */
  'lastMinute': (_google_protobuf_Timestamp__Output | null);
}
