/** Who shares the limits: a list in Redis on which every gateway process signs each second. */
import type { Clock } from '@hokusai/service-kit';
import { scriptOf } from './script.ts';
import type { ScriptCalls } from './script-calls.ts';

export interface RosterOptions {
  calls: Pick<ScriptCalls, 'send'>;
  /** This process, new at each start. */
  self: string;
  clock: Clock;
  /** Redis has lost what it held at that time, monotonic. */
  onFlush: (heldAtMs: number) => void;
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
  readonly #options: RosterOptions;
  #gateways: ReadonlySet<string>;
  #epoch: string | undefined;
  /** Monotonic. */
  #signedAtMs = Number.NEGATIVE_INFINITY;
  /** Until then a list may lack others that have not signed again, after Redis was away or lost the list. */
  #incompleteUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: RosterOptions) {
    this.#options = options;
    this.#gateways = new Set([options.self]);
  }

  /** Those that were alive when Redis was last there, this one among them. */
  gateways(): string[] {
    return [...this.#gateways];
  }

  /** Resolves to true when this process stands on the list, to false if that can't be known. */
  sign(): Promise<boolean> {
    return this.#call(SIGN, (reply) => {
      const [epoch, gateways] = reply as [string, string[]];
      this.#takeOver(epoch, [this.#options.self, ...gateways]);
    });
  }

  #takeOver(epoch: string, gateways: readonly string[]): void {
    const nowMs = this.#options.clock.monotonic();
    const isFlushed = this.#epoch !== undefined && this.#epoch !== epoch;
    if (isFlushed || nowMs - this.#signedAtMs > ABSENT_MS / 2) this.#incompleteUntilMs = nowMs + ABSENT_MS;
    const former = nowMs < this.#incompleteUntilMs ? this.#gateways : [];
    this.#gateways = new Set([...former, ...gateways]);
    this.#epoch = epoch;
    const heldAtMs = this.#signedAtMs;
    this.#signedAtMs = nowMs;
    if (isFlushed) this.#options.onFlush(heldAtMs);
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
