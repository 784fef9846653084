/** Calls of scripts on Redis, each given up after a time. */
import type { Clock } from '@hokusai/service-kit';
import type { Script } from './script.ts';

/** What is needed of a Redis client, or of one for a cluster. */
export interface ScriptRedis {
  evalsha(sha: string, keyCount: number, ...rest: (string | number)[]): Promise<unknown>;
  eval(text: string, keyCount: number, ...rest: (string | number)[]): Promise<unknown>;
}

export interface ScriptCall {
  script: Script;
  keys: readonly string[];
  args: readonly (string | number)[];
  /** Told of the answer; `isLate` if the call had been given up. */
  onReply(reply: unknown, isLate: boolean): void;
  /** Told once: it failed, or was given up. Whether Redis did it, or will do it, is not known. */
  onFailure(error: Error): void;
}

interface Pending {
  call: ScriptCall;
  sentAtMs: number;
  isOver: boolean;
}

export class ScriptCalls {
  readonly #redis: ScriptRedis;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  /** In the order of sending, done ones among them: they all have the same time, so one timer does for all. */
  #pending: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: ScriptRedis, timeoutMs: number, clock: Clock) {
    this.#redis = redis;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  send(call: ScriptCall): void {
    const pending = { call, sentAtMs: this.#clock.monotonic(), isOver: false };
    this.#pending.push(pending);
    this.#timer ??= this.#checkIn(this.#timeoutMs);
    const onReply = (reply: unknown) => {
      const isLate = pending.isOver;
      pending.isOver = true;
      call.onReply(reply, isLate);
    };
    const onError = (error: Error) => {
      if (!pending.isOver) this.#giveUp(pending, error);
    };
    const { script, keys, args } = call;
    this.#redis.evalsha(script.sha, keys.length, ...keys, ...args).then(onReply, (error: Error) => {
      // Of a Redis that was started anew, or a node that has not run it yet.
      if (!error.message.startsWith('NOSCRIPT')) return onError(error);
      this.#redis.eval(script.text, keys.length, ...keys, ...args).then(onReply, onError);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#pending = [];
  }

  #giveUp(pending: Pending, error: Error): void {
    pending.isOver = true;
    pending.call.onFailure(error);
  }

  #checkIn(delayMs: number): NodeJS.Timeout {
    // Timers come before what has arrived: answers that waited for a busy process are read first.
    return setTimeout(() => setImmediate(() => this.#check()), delayMs);
  }

  #check(): void {
    const nowMs = this.#clock.monotonic();
    const isDue = ({ sentAtMs }: Pending) => nowMs - sentAtMs >= this.#timeoutMs;
    const waiting = this.#pending.findIndex((pending) => !pending.isOver && !isDue(pending));
    const done = this.#pending.splice(0, waiting < 0 ? this.#pending.length : waiting);
    const first = this.#pending[0];
    this.#timer = first && this.#checkIn(Math.max(1, first.sentAtMs + this.#timeoutMs - nowMs));
    for (const pending of done)
      if (!pending.isOver) this.#giveUp(pending, new Error(`no answer within ${this.#timeoutMs} ms`));
  }
}
