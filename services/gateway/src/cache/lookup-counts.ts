/** How lookups went, since the start of the process. */
export interface LookupCounts {
  /** Answered from this process. */
  l1Hits: number;
  /** Answered "unknown" from this process. */
  negativeHits: number;
  /** Answered with proof and state from the shared cache. */
  l2Hits: number;
  /** The shared cache had the proof only, or a state that was not trusted. */
  l2Proofs: number;
  /** Redis failed or did not answer in time. */
  l2Failures: number;
  /** Questions to the keys service: for a proof, and for a state alone. */
  validations: number;
  refreshes: number;
  /** Keys that came with a tag that no key of the ring made, and had to be asked for. */
  unknownTags: number;
  /** Not asked for, since their clients had shown too many wrong keys. */
  limited: number;
  /** Answered in an outage of the keys service, with a state that could not be checked. */
  graceServed: number;
  /** Not answered, since the keys service could not be asked. */
  unavailable: number;
}

export function newLookupCounts(): LookupCounts {
  return {
    l1Hits: 0,
    negativeHits: 0,
    l2Hits: 0,
    l2Proofs: 0,
    l2Failures: 0,
    validations: 0,
    refreshes: 0,
    unknownTags: 0,
    limited: 0,
    graceServed: 0,
    unavailable: 0,
  };
}
