// Original file: protos/hokusai/usage/v1/usage.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Requests by the status of their answer; those that were left before one, by what stands for it (408, 499).
 */
export interface StatusClasses {
  /**
   * 101: the connection was upgraded.
   */
  'informational'?: (number | string | Long);
  /**
   * 200 to 299.
   */
  'successful'?: (number | string | Long);
  /**
   * 300 to 399.
   */
  'redirected'?: (number | string | Long);
  /**
   * 400 to 499, refusals of the gateway among them.
   */
  'clientErrors'?: (number | string | Long);
  /**
   * 500 and above.
   */
  'serverErrors'?: (number | string | Long);
}

/**
 * Requests by the status of their answer; those that were left before one, by what stands for it (408, 499).
 */
export interface StatusClasses__Output {
  /**
   * 101: the connection was upgraded.
   */
  'informational': (string);
  /**
   * 200 to 299.
   */
  'successful': (string);
  /**
   * 300 to 399.
   */
  'redirected': (string);
  /**
   * 400 to 499, refusals of the gateway among them.
   */
  'clientErrors': (string);
  /**
   * 500 and above.
   */
  'serverErrors': (string);
}
