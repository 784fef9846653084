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

/** What happens (0 to 99), to what, and how long before it, in ms. */
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
  /** Used states by version that no rule but trust allows: from a cache. */
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
    if (choice < 8) this.#database.begin(keyId);
    else if (choice < 16) this.#database.finish(rest, choice < 15);
    else if (choice < 24) gateway.ping();
    else if (choice < 32) gateway.deliverPing();
    else if (choice < 41) gateway.look();
    else if (choice < 50) gateway.tell();
    else if (choice < 62) gateway.deliverTold();
    else if (choice < 78) this.#use(gateway, keyId);
    else if (choice < 84) gateway.readQuestion(rest);
    else if (choice < 90) gateway.answerQuestion(rest);
    else this.#happenSeldom(choice, gateway, rest);
  }

  #happenSeldom(choice: number, gateway: ModelGateway, rest: number): void {
    if (choice < 92) gateway.connect();
    else if (choice < 93) gateway.failQuestion(rest);
    else if (choice < 94) gateway.clock.set((rest - 16) * 500);
    else if (choice < 95) this.#savedShared = new Map(this.#shared);
    else if (choice < 96) this.#restoreShared();
    else if (choice < 97) this.#database.backUp();
    else if (choice < 98) this.#database.restart(rest % 2 === 0 ? undefined : rest);
    else if (choice < 99) this.#database.trim();
    else this.#gateways[this.#gateways.indexOf(gateway)] = this.#newGateway();
  }

  /** Redis gets old contents back, or loses what it has. */
  #restoreShared(): void {
    this.#shared.clear();
    for (const [key, entry] of this.#savedShared) this.#shared.set(key, entry);
  }

  #use(gateway: ModelGateway, keyId: string): void {
    const graceBefore = gateway.counts.graceServed;
    gateway.lookup.find(stringOf(keyId), 'request').then(
      (found) => this.#judge(gateway, found, gateway.counts.graceServed > graceBefore),
      // The keys service was away: the request is not served, which is always right.
      () => {},
    );
  }

  #judge(gateway: ModelGateway, found: AuthenticatedKey | undefined, mayBeGrace: boolean): void {
    try {
      assert.ok(found, 'a key that exists was called unknown');
      const { keyId, version, read } = found.state;
      if (mayBeGrace) this.graceUses += 1;
      else this.uses += 1;
      const allowedMs = STALENESS_MS + (mayBeGrace ? this.#options.graceMs : 0);
      const isFresh = this.#database.hadSince(keyId, version, this.#nowMs - allowedMs);
      assert.ok(isFresh, `version ${version} of ${keyId} was used more than ${allowedMs} ms after it ended`);
      const heard = gateway.heard.get(keyId);
      const isOlder = heard?.epoch === read.epoch && heard.version > version;
      assert.ok(!isOlder, `version ${version} of ${keyId} was used after ${heard?.version} was heard of`);
    } catch (error) {
      this.#failures.push(error);
    }
  }
}
