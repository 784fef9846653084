/**
 * Memory of the changes that were heard of: key → newest version.
 *
 * It forgets in two generations, and never silently: whenever it forgets, it says up to which cut all that
 * it forgot lies, so that whatever was read before that cut can be distrusted instead.
 */
interface Generation {
  versions: Map<string, bigint>;
  /** All changes in it lie below this cut, or are in the next generation too. Set when it is closed. */
  closedAt: bigint;
}

export class HeardChanges {
  #current = new Map<string, bigint>();
  #previous: Generation = { versions: new Map(), closedAt: 0n };

  /** Newest version of the key that was heard of, if it is remembered. */
  newest(keyId: string): bigint | undefined {
    return this.#current.get(keyId) ?? this.#previous.versions.get(keyId);
  }

  /** Keys in the generation that is being filled. */
  get filling(): number {
    return this.#current.size;
  }

  add(keyId: string, version: bigint): void {
    const known = this.newest(keyId);
    this.#current.set(keyId, known !== undefined && known > version ? known : version);
  }

  /**
   * Starts a new generation and forgets the one before the last. The answer is the cut below which all
   * lies that was forgotten.
   *
   * To be called after a look at the change log was applied whole, with its cut: what lies above it
   * comes again with the next look (it is sent until the cut has passed it), thus gets into the new
   * generation, before this one can be forgotten.
   */
  rotate(cut: bigint): bigint {
    const forgotten = this.#previous.closedAt;
    this.#previous = { versions: this.#current, closedAt: cut };
    this.#current = new Map();
    return forgotten;
  }

  /** Forgets all. The caller must then distrust whatever was read until now. */
  clear(): void {
    this.#current = new Map();
    this.#previous = { versions: new Map(), closedAt: 0n };
  }
}
