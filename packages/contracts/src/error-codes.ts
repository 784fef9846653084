/** Stable codes. Documents and clients depend on them: add, never rename. */
export const ERROR_CODES = [
  /** The request can't be parsed. */
  'invalid_request',
  /** The request breaks a rule; `violations` lists all of them. */
  'unprocessable',
  /** There is no proof of who is asking, or it is wrong. */
  'unauthenticated',
  /** Known, but not allowed. */
  'permission_denied',
  /** Not there, or not the caller's to see. */
  'not_found',
  /** It exists already, or it was changed meanwhile. */
  'conflict',
  /** A limit is used up. */
  'rate_limited',
  /** A dependency can't be reached or the service is full: the same request may succeed later. */
  'unavailable',
  /** A dependency did not answer in time. */
  'deadline_exceeded',
  /** A defect of ours. */
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
