// Original file: protos/hokusai/keys/v1/validation.proto


/**
 * The gateway stops in good order and trusts nothing any more.
 */
export interface FollowLeave {
}

/**
 * The gateway stops in good order and trusts nothing any more.
 */
export interface FollowLeave__Output {
}
