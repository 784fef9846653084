/** The whole model: a database, gateways that share a cache, and events in any order. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { AuthenticatedKey } from '../../../src/domain/ports.ts';
import type { Chronicle } from './chronicle.ts';
import { ModelDatabase } from './database.ts';
import { ModelReplica } from './follow-server.ts';
import { ModelGateway, type ModelSettings, stringOf } from './gateway.ts';
import { happen, type Scene } from './happenings.ts';
import { ModelRedis } from './redis.ts';

export interface WorldOptions extends ModelSettings {
  cutRule?: 'xmin' | 'highest';
}

/** What happens (below `HAPPENING_COUNT`), to what (below 64), and how long before it, in ms. */
export type Event = readonly [happening: number, detail: number, delayMs: number];

const KEY_IDS = ['a', 'b', 'c'];
/** The bound that the design promises: trust ends 5 s after the last echoed ping. */
const STALENESS_MS = 5000;

export class World {
  readonly #options: WorldOptions;
  readonly #chronicle: Chronicle;
  readonly #database: ModelDatabase;
  readonly #redis: ModelRedis;
  readonly #replicas: readonly ModelReplica[];
  readonly #gateways: ModelGateway[];
  #nowMs = 1_000_000;
  #failures: unknown[] = [];
  /** States that were used and came from a cache. */
  cacheHits = 0;

  constructor(options: WorldOptions, chronicle: Chronicle) {
    const { cutRule = 'xmin' } = options;
    this.#options = options;
    this.#chronicle = chronicle;
    this.#database = new ModelDatabase({ keyIds: KEY_IDS, nowMs: () => this.#nowMs, cutRule, chronicle });
    this.#redis = new ModelRedis(this.#database, chronicle);
    this.#replicas = [1, 2].map(() => new ModelReplica(this.#database, chronicle));
    this.#gateways = [this.#newGateway(false), this.#newGateway(false)];
  }

  /** Throws as soon as a state was used that must not be. */
  async run(events: readonly Event[]): Promise<void> {
    for (const [happening, detail, delayMs] of events) {
      this.#chronicle.step += 1;
      this.#advance(delayMs);
      happen(happening, this.#scene(detail));
      await setImmediate();
      if (this.#failures.length > 0) throw this.#failures[0];
    }
    for (const { counts } of this.#gateways) this.cacheHits += counts.l1Hits + counts.l2Hits;
  }

  #newGateway(isLate: boolean): ModelGateway {
    const replica = this.#replicas[0] as ModelReplica;
    const [database, redis, chronicle] = [this.#database, this.#redis, this.#chronicle];
    return new ModelGateway({ database, redis, replica, chronicle, isLate }, this.#options);
  }

  #advance(ms: number): void {
    this.#nowMs += ms;
    for (const { clock } of this.#gateways) clock.advance(ms);
  }

  #scene(detail: number): Scene {
    const index = detail % 2;
    const gateway = this.#gateways[index] as ModelGateway;
    const choice = detail >> 1;
    const keyId = KEY_IDS[choice % KEY_IDS.length] as string;
    return {
      ...{ database: this.#database, redis: this.#redis, gateway, keyId, choice },
      replica: this.#replicas[choice % 2] as ModelReplica,
      use: () => this.#use(gateway, keyId),
      replaceGateway: () => {
        this.#gateways[index] = this.#newGateway(true);
      },
    };
  }

  #use(gateway: ModelGateway, keyId: string): void {
    const graceBefore = gateway.counts.graceServed;
    const askedMs = this.#nowMs;
    Promise.resolve(gateway.lookup.find(stringOf(keyId), 'request')).then(
      (found) => this.#judge(gateway, found, askedMs, gateway.counts.graceServed > graceBefore),
      // The keys service was away: the request is not served, which is always right.
      () => {},
    );
  }

  #judge(
    gateway: ModelGateway,
    found: AuthenticatedKey | undefined,
    askedMs: number,
    mayBeGrace: boolean,
  ): void {
    // Its process has ended, and its clocks with it.
    if (!this.#gateways.includes(gateway)) return;
    try {
      assert.ok(found, 'a key that exists was called unknown');
      const { keyId, version, read } = found.state;
      this.#note(this.#database.versionOf(keyId) !== version, mayBeGrace);
      const allowedMs = STALENESS_MS + (mayBeGrace ? this.#options.graceMs : 0);
      // Where nothing is followed, only an answer to a question of this request's own time will do.
      const isAsked = !gateway.trust.isFollowing() && !mayBeGrace;
      const sinceMs = isAsked ? Math.max(askedMs, this.#nowMs - allowedMs) : this.#nowMs - allowedMs;
      const endedMs = this.#nowMs - sinceMs;
      const isFresh = this.#database.hadSince(keyId, version, sinceMs);
      assert.ok(isFresh, `version ${version} of ${keyId} was used more than ${endedMs} ms after it ended`);
      const heard = gateway.heard.get(keyId);
      const isOlder = heard?.epoch === read.epoch && heard.version > version;
      assert.ok(!isOlder, `version ${version} of ${keyId} was used after ${heard?.version} was heard of`);
    } catch (error) {
      this.#failures.push(error);
    }
  }

  #note(isOutdated: boolean, mayBeGrace: boolean): void {
    if (isOutdated && !mayBeGrace) this.#chronicle.note('a state was used that was out of date');
    if (mayBeGrace) this.#chronicle.note('a state was used in grace');
    if (isOutdated && mayBeGrace) this.#chronicle.note('a state was used in grace that was out of date');
  }
}
