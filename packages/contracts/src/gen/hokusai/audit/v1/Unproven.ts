// Original file: protos/hokusai/audit/v1/audit.proto


/**
 * Something that a verification does not show.
 */
export interface Unproven {
  /**
   * begins_later, no_checkpoint, unpinned_signer, after_last_checkpoint.
   */
  'code'?: (string);
  /**
   * For people.
   */
  'message'?: (string);
}

/**
 * Something that a verification does not show.
 */
export interface Unproven__Output {
  /**
   * begins_later, no_checkpoint, unpinned_signer, after_last_checkpoint.
   */
  'code': (string);
  /**
   * For people.
   */
  'message': (string);
}
