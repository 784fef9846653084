// Original file: protos/hokusai/keys/v1/witness.proto

import type { StoredWitness as _hokusai_keys_v1_StoredWitness, StoredWitness__Output as _hokusai_keys_v1_StoredWitness__Output } from '../../../hokusai/keys/v1/StoredWitness.ts';

/**
 * One page.
 */
export interface ListWitnessesResponse {
  /**
   * By chain_seq.
   */
  'witnesses'?: (_hokusai_keys_v1_StoredWitness)[];
  /**
   * There are more, after the last of these.
   */
  'hasMore'?: (boolean);
}

/**
 * One page.
 */
export interface ListWitnessesResponse__Output {
  /**
   * By chain_seq.
   */
  'witnesses': (_hokusai_keys_v1_StoredWitness__Output)[];
  /**
   * There are more, after the last of these.
   */
  'hasMore': (boolean);
}
