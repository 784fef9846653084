/** Who shares the limits: a list in Redis on which every gateway process signs each second. */
import type { Clock } from '@hokusai/service-kit';
import { scriptOf } from './script.ts';
import type { ScriptCalls } from './script-calls.ts';

export interface RosterOptions {
  calls: ScriptCalls;
  /** This process, new at each start. */
  self: string;
  clock: Clock;
  /** Redis has lost what it held. */
  onFlush: () => void;
}

/** Who has not signed for so long is gone. */
const ABSENT_MS = 5000;
const GATEWAYS = 'hokusai:limit:{gateways}';
/** Stays as long as Redis keeps its data. */
const EPOCH = 'hokusai:limit:{gateways}:epoch';

const SIGN = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. now, 'NX')
redis.call('PEXPIRE', KEYS[2], 86400000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${ABSENT_MS})
redis.call('PEXPIRE', KEYS[1], ${ABSENT_MS})
return { redis.call('GET', KEYS[2]), redis.call('ZRANGE', KEYS[1], 0, -1) }
`);
const LEAVE = scriptOf(`return redis.call('ZREM', KEYS[1], ARGV[1])`);

export class Roster {
  /** Where the list is. */
  readonly name = GATEWAYS;
  readonly #options: RosterOptions;
  /** When each was last seen on the list, monotonic. */
  readonly #seen = new Map<string, number>();
  #epoch: string | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Those that were alive when Redis was last there, this one among them. */
  gateways(): string[] {
    const latest = Math.max(...this.#seen.values());
    for (const [gateway, seenAtMs] of this.#seen)
      if (latest - seenAtMs > ABSENT_MS) this.#seen.delete(gateway);
    this.#seen.set(this.#options.self, latest);
    return [...this.#seen.keys()];
  }

  /** Resolves to true when this process stands on the list, to false if that can't be known. */
  sign(): Promise<boolean> {
    return this.#call(SIGN, (reply) => {
      const [epoch, gateways] = reply as [string, string[]];
      const nowMs = this.#options.clock.monotonic();
      for (const gateway of gateways) this.#seen.set(gateway, nowMs);
      const before = this.#epoch;
      this.#epoch = epoch;
      if (before !== undefined && before !== epoch) this.#options.onFlush();
    });
  }

  /** The others divide the limits among themselves from now on. */
  leave(): Promise<boolean> {
    return this.#call(LEAVE, () => {});
  }

  #call(script: typeof SIGN, onReply: (reply: unknown) => void): Promise<boolean> {
    return new Promise((resolve) => {
      this.#options.calls.send({
        script,
        keys: [GATEWAYS, EPOCH],
        args: [this.#options.self],
        onReply: (reply) => {
          onReply(reply);
          resolve(true);
        },
        onFailure: () => resolve(false),
      });
    });
  }
}
