/** Servers that limits are kept on, and whether they can be asked. */

export interface Shard {
  /** The server's address; empty where there is but one. */
  name: string;
  isUp: boolean;
  /** Number of its last outage, among those of all servers; 0 if there was none. */
  outage: number;
  /** A Redis key that is kept there: by it the server is asked whether it is back. */
  sample: string;
  /** That question is under way. */
  isProbed: boolean;
}

export class Shards {
  readonly #nodeOf: (redisKey: string) => string;
  readonly #all = new Map<string, Shard>();
  #outages = 0;

  /** @param nodeOf the address of the server that holds a Redis key */
  constructor(nodeOf: (redisKey: string) => string) {
    this.#nodeOf = nodeOf;
  }

  of(redisKey: string): Shard {
    const name = this.#nodeOf(redisKey);
    let shard = this.#all.get(name);
    if (shard === undefined) {
      shard = { name, isUp: true, outage: 0, sample: redisKey, isProbed: false };
      this.#all.set(name, shard);
    }
    return shard;
  }

  /** False if that was known. */
  lose(shard: Shard, sample: string): boolean {
    if (!shard.isUp) return false;
    this.#outages += 1;
    shard.isUp = false;
    shard.outage = this.#outages;
    shard.sample = sample;
    return true;
  }

  lost(): Shard[] {
    return [...this.#all.values()].filter(({ isUp }) => !isUp);
  }
}
