/** Decides about requests by the limits of their keys: in Redis, with what this process knows before and without it. */
import { type Clock, elapsedMs, type Instant, instantOf } from '../domain/elapsed.ts';
import type { KeyState } from '../domain/key-state.ts';
import type { QuotaReporter, RateLimiter } from '../domain/ports.ts';
import {
  type LossPolicy,
  type Policies,
  type Reading,
  Standing,
  unusedReading,
} from '../domain/rate-limits.ts';
import { burstShape } from '../domain/sliding-window.ts';
import type { LimitCounts } from './counts.ts';
import type { LocalLimits } from './local-limits.ts';
import type { Batch, KeyRecord, Outcome, Records } from './records.ts';
import { decisionScript, RECORD_LIFETIME_MS, type Reply, readReply, type Script } from './script.ts';
import type { ScriptCalls } from './script-calls.ts';
import type { Shard, Shards } from './shards.ts';

export interface LimiterOptions {
  records: Records;
  calls: ScriptCalls;
  shards: Shards;
  local: LocalLimits;
  policy: LossPolicy;
  quota: QuotaReporter;
  counts: LimitCounts;
  clock: Clock;
  /** Runs `send`, whose commands may leave together. */
  sendTogether: (send: () => void) => void;
  /** A server can't be asked any more. */
  onLoss: (shard: Shard, error: Error) => void;
  /** Redis has lost what it held at that time, monotonic. */
  onMissing: (heldAtMs: number) => void;
  /** For tests: the script by another clock, and its further arguments. */
  script?: { script: Script; args: () => readonly number[] };
}

/** Clocks of servers may differ in how long an hour is. */
const LIFETIME_MARGIN_MS = 10_000;

export class Limiter implements RateLimiter {
  readonly #options: LimiterOptions;
  readonly #script: Script;
  /** Keys with requests, or debts, that wait for the end of this turn of the event loop. */
  #waiting: KeyRecord[] = [];

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#script = options.script?.script ?? decisionScript;
  }

  charge(state: KeyState): Standing | Promise<Standing> {
    const { records, shards, counts, clock } = this.#options;
    const record = records.of(state);
    const { memo } = record;
    if (memo) {
      if (elapsedMs(memo.since, clock) < memo.forMs) {
        counts.refused += 1;
        counts.fromMemory += 1;
        return memo.standing;
      }
      record.memo = undefined;
    }
    const shard = shards.of(record.keyName);
    if (!shard.isUp) return this.#alone(record, shard);
    const batch = record.batch ?? this.#gather(record);
    return new Promise((resolve) => batch.waiting.push(resolve));
  }

  known(state: KeyState): Standing {
    const { records, shards, policy, clock } = this.#options;
    const record = records.of(state);
    const reading = record.reading ?? unusedReading(clock);
    const substitute = shards.of(record.keyName).isUp ? undefined : policy;
    return new Standing('admitted', record.policies, reading, 0, clock, substitute);
  }

  /** Charges what is owed for a key with its next call, or with one of its own. */
  settle(record: KeyRecord): void {
    if (!record.batch) this.#gather(record);
  }

  /** One request, at once. */
  #alone(record: KeyRecord, shard: Shard): Standing {
    return this.#standingAt(0, record.policies, this.#decideLocally(record, 1, shard));
  }

  #gather(record: KeyRecord): Batch {
    record.batch = { record, policies: record.policies, waiting: [] };
    // What has arrived by then is decided together, and leaves in one piece.
    if (this.#waiting.push(record) === 1) setImmediate(this.#send);
    return record.batch;
  }

  readonly #send = (): void => {
    const records = this.#waiting;
    this.#waiting = [];
    this.#options.sendTogether(() => {
      for (const record of records) this.#ask(record);
    });
  };

  #ask(record: KeyRecord): void {
    const { shards } = this.#options;
    const batch = record.batch as Batch;
    record.batch = undefined;
    const shard = shards.of(record.keyName);
    if (shard.isUp) this.#call(batch, shard);
    else this.#settleLocally(batch, shard);
  }

  #call(batch: Batch, shard: Shard): void {
    const { calls, local } = this.#options;
    const { record } = batch;
    // Only the first of the calls that are under way carries it.
    const debt = record.debt?.isSent === false ? record.debt : undefined;
    const owed = debt ? local.owed(record) : NOTHING_OWED;
    if (debt) debt.isSent = true;
    const since = instantOf(this.#options.clock);
    calls.send({
      script: this.#script,
      keys: record.policies.userPerHour === null ? [record.keyName] : [record.keyName, record.userName],
      args: this.#args(batch, owed),
      onReply: (text, isLate) => {
        const reply = readReply(text);
        const [admitted] = reply;
        if (debt) debt.isSent = false;
        // Of a call that was given up: what Redis has admitted is charged, so it is not owed.
        if (isLate) return local.settle(record, admitted + owed.hour, admitted + owed.burst);
        local.settle(record, owed.hour, owed.burst);
        this.#apply(batch, reply, owed.hour, since);
      },
      onFailure: (error) => {
        if (debt) debt.isSent = false;
        if (this.#options.shards.lose(shard, record.keyName)) this.#options.onLoss(shard, error);
        this.#settleLocally(batch, shard);
      },
    });
  }

  #args({ policies, waiting }: Batch, owed: typeof NOTHING_OWED): number[] {
    const { perHour, burst, burstWindowSeconds, userPerHour } = policies;
    const { widthMs } = burstShape(burstWindowSeconds);
    const more = this.#options.script?.args() ?? [];
    return [waiting.length, perHour, burst, widthMs, userPerHour ?? 0, owed.hour, owed.burst, ...more];
  }

  #apply(batch: Batch, reply: Reply, owed: number, since: Instant): void {
    const { counts, clock, onMissing } = this.#options;
    const { record, policies, waiting } = batch;
    const [admitted, , existed] = reply;
    const reading = readingOf(reply, clock);
    const heldMs = reading.heardAtMs - record.chargedAtMs;
    if (existed === 0 && heldMs < RECORD_LIFETIME_MS - LIFETIME_MARGIN_MS) onMissing(record.chargedAtMs);
    if (admitted + owed > 0) record.chargedAtMs = reading.heardAtMs;
    record.reading = reading;
    counts.admitted += admitted;
    counts.refused += waiting.length - admitted;
    counts.settled += owed;
    this.#reportNear(batch, reply);
    if (admitted < waiting.length && record.policies === policies) {
      const standing = new Standing('refused', policies, reading, 0, clock);
      record.memo = { standing, since, forMs: standing.freeInMs };
    }
    this.#tell(batch, { admitted, reading, substitute: undefined });
  }

  #reportNear({ record, policies }: Batch, [, , , near, hourUsed, , , , userUsed]: Reply): void {
    if (near === 0) return;
    const { quota } = this.#options;
    const { perHour, userPerHour } = policies;
    if (near & 1) quota.near(record.state, { policy: 'hour', limit: perHour, used: hourUsed });
    if (near & 2) quota.near(record.state, { policy: 'user', limit: userPerHour ?? 0, used: userUsed });
  }

  #settleLocally(batch: Batch, shard: Shard): void {
    const { record, waiting } = batch;
    // Without any, it was for a debt.
    if (waiting.length > 0) this.#tell(batch, this.#decideLocally(record, waiting.length, shard));
  }

  #decideLocally(record: KeyRecord, count: number, shard: Shard): Outcome {
    const { counts, local, policy, clock } = this.#options;
    const decided =
      policy === 'closed'
        ? { admitted: 0, reading: record.reading ?? unusedReading(clock) }
        : local.decide(record, shard.outage, count);
    counts.admitted += decided.admitted;
    counts.refused += count - decided.admitted;
    counts.withoutRedis += count;
    return { ...decided, substitute: policy };
  }

  /** Each request of a batch gets its own standing. */
  #tell({ waiting, policies }: Batch, outcome: Outcome): void {
    waiting.forEach((resolve, place) => {
      resolve(this.#standingAt(place, policies, outcome));
    });
  }

  #standingAt(place: number, policies: Policies, { admitted, reading, substitute }: Outcome): Standing {
    const { clock } = this.#options;
    if (place < admitted)
      return new Standing('admitted', policies, reading, admitted - 1 - place, clock, substitute);
    const verdict = substitute === 'closed' ? 'unknown' : 'refused';
    return new Standing(verdict, policies, reading, 0, clock, substitute);
  }
}

const NOTHING_OWED = { hour: 0, burst: 0 };

function readingOf(reply: Reply, clock: Clock): Reading {
  const [, atMs, , , hourUsed, hourResetAtMs, burstUsed, burstResetAtMs, userUsed, userResetAtMs] = reply;
  const counted = { hourUsed, hourResetAtMs, burstUsed, burstResetAtMs, userUsed, userResetAtMs };
  return { atMs, heardAtMs: clock.monotonic(), ...counted };
}
