/** The whole model: a database, gateways that share a cache, and events in any order. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { AuthenticatedKey } from '../../../src/domain/ports.ts';
import { Trust } from '../../../src/domain/trust.ts';
import { ModelDatabase } from './database.ts';
import { type MakeTrust, ModelGateway, type ModelSettings, type SharedEntries, stringOf } from './gateway.ts';

export interface WorldOptions extends ModelSettings {
  makeTrust?: MakeTrust;
  cutRule?: 'xmin' | 'highest';
}

/** What happens (0 to 999), to what, and how long before it, in ms. */
export type Event = readonly [choice: number, detail: number, delayMs: number];

const KEY_IDS = ['a', 'b', 'c'];
/** The bound that the design promises: trust ends 5 s after the last echoed ping. */
const STALENESS_MS = 5000;

export class World {
  readonly #options: WorldOptions;
  readonly #database: ModelDatabase;
  readonly #shared: SharedEntries = new Map();
  readonly #gateways: ModelGateway[];
  #savedShared: SharedEntries = new Map();
  #nowMs = 1_000_000;
  /** States that were used, other than in an outage's grace. */
  uses = 0;
  graceUses = 0;
  /** Those that came from a cache. */
  cacheHits = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#database = new ModelDatabase(KEY_IDS, () => this.#nowMs, options.cutRule ?? 'xmin');
    this.#gateways = [this.#newGateway(), this.#newGateway()];
  }

  async run(events: readonly Event[]): Promise<void> {
    for (const [choice, detail, delayMs] of events) {
      this.#advance(delayMs);
      this.#happen(choice, detail);
      await setImmediate();
      this.#check();
    }
    for (const { counts } of this.#gateways) this.cacheHits += counts.l1Hits + counts.l2Hits;
  }

  #failures: unknown[] = [];

  #check(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #newGateway(): ModelGateway {
    const makeTrust = this.#options.makeTrust ?? ((settings, clock) => new Trust(settings, clock));
    return new ModelGateway(this.#database, this.#shared, makeTrust, this.#options);
  }

  #advance(ms: number): void {
    this.#nowMs += ms;
    for (const { clock } of this.#gateways) clock.advance(ms);
  }

  #happen(choice: number, detail: number): void {
    const gateway = this.#gateways[detail % 2] as ModelGateway;
    const rest = detail >> 1;
    const keyId = KEY_IDS[rest % KEY_IDS.length] as string;
    if (choice < 80) this.#database.begin(keyId);
    else if (choice < 160) this.#database.finish(rest, choice < 150);
    else if (choice < 240) gateway.ping();
    else if (choice < 320) gateway.deliverPing();
    else if (choice < 400) gateway.look();
    else if (choice < 480) gateway.tell();
    else if (choice < 580) gateway.deliverTold();
    else if (choice < 620) gateway.roundTrip();
    else if (choice < 790) this.#use(gateway, keyId);
    else if (choice < 880) gateway.readQuestion(rest);
    else if (choice < 970) gateway.answerQuestion(rest);
    else this.#happenSeldom(choice, gateway, rest);
  }

  #happenSeldom(choice: number, gateway: ModelGateway, rest: number): void {
    if (choice < 976) gateway.connect();
    else if (choice < 982) gateway.failQuestion(rest);
    else if (choice < 984) gateway.clock.set((rest - 16) * 500);
    else if (choice < 986) this.#savedShared = new Map(this.#shared);
    else if (choice < 990) this.#restoreShared();
    else if (choice < 992) this.#database.backUp();
    else if (choice < 994) this.#database.restart(rest % 2 === 0 ? undefined : rest);
    else if (choice < 996) this.#database.trim();
    else if (choice < 997) this.#gateways[this.#gateways.indexOf(gateway)] = this.#newGateway();
  }

  /** Redis gets old contents back, or loses what it has. */
  #restoreShared(): void {
    this.#shared.clear();
    for (const [key, entry] of this.#savedShared) this.#shared.set(key, entry);
  }

  #use(gateway: ModelGateway, keyId: string): void {
    const graceBefore = gateway.counts.graceServed;
    const askedMs = this.#nowMs;
    gateway.lookup.find(stringOf(keyId), 'request').then(
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
    try {
      assert.ok(found, 'a key that exists was called unknown');
      const { keyId, version, read } = found.state;
      if (mayBeGrace) this.graceUses += 1;
      else this.uses += 1;
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
}
