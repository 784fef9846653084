/** A gateway of the model: the real trust, caches and lookup, with a network that delivers when it is told to. */

import { CachedKeyLookup } from '../../../src/cache/key-lookup.ts';
import type { KeysPort } from '../../../src/cache/keys-port.ts';
import { L1 } from '../../../src/cache/l1.ts';
import type { CachedKey, SharedCache } from '../../../src/cache/l2.ts';
import { newLookupCounts } from '../../../src/cache/lookup-counts.ts';
import { Outage, watchOutage } from '../../../src/cache/outage.ts';
import type { KeyState } from '../../../src/domain/key-state.ts';
import type { Trust, TrustSettings } from '../../../src/domain/trust.ts';
import { keyState } from '../keys.ts';
import { ManualClock } from '../manual-clock.ts';
import { silentLogger } from '../silent-logger.ts';
import type { ModelDatabase } from './database.ts';
import { ModelFollowServer, type Told } from './follow-server.ts';

/** A question on its way: asked, then read in the database, then answered. */
interface Question {
  keyId: string;
  state: KeyState | undefined;
  answer: (state: KeyState) => void;
  fail: (error: Error) => void;
}

export type MakeTrust = (settings: TrustSettings, clock: ManualClock) => Trust;

/** Redis: what all gateways share. The strings themselves stand for their seals. */
export type SharedEntries = Map<string, CachedKey>;

/** In the model a key's string is its id and a prefix that makes it one. */
export const stringOf = (keyId: string) => `string of ${keyId}`;
const keyIdOf = (text: string) => text.slice('string of '.length);
const prefixOf = (keyId: string) => `prefix of ${keyId}`;

export interface ModelSettings {
  graceMs: number;
  heardCapacity: number;
}

export class ModelGateway {
  readonly clock = new ManualClock();
  readonly counts = newLookupCounts();
  readonly trust: Trust;
  readonly lookup: CachedKeyLookup;
  readonly questions: Question[] = [];
  /** Newest version of each key that a tick brought, within one epoch. */
  readonly heard = new Map<string, { epoch: string; version: bigint }>();
  readonly #l1: L1;
  readonly #database: ModelDatabase;
  #server: ModelFollowServer;
  #stream: number;
  #toServer: bigint[] = [];
  #toGateway: Told[] = [];

  constructor(database: ModelDatabase, shared: SharedEntries, makeTrust: MakeTrust, settings: ModelSettings) {
    const { clock, counts } = this;
    const { graceMs, heardCapacity } = settings;
    this.#database = database;
    this.trust = makeTrust({ staleMs: 5000, stateTtlMs: 300_000, heardCapacity }, clock);
    this.#l1 = new L1({ maxEntries: 100, negativeTtlMs: 10_000 }, clock);
    const outage = new Outage({ graceMs, clock, logger: silentLogger });
    const l2: SharedCache = {
      get: (key) => Promise.resolve(shared.get(key)),
      put: (key, entry) => void shared.set(key, entry),
    };
    const keys = watchOutage(this.#keysPort(), outage);
    const options = { trust: this.trust, l1: this.#l1, l2, keys, outage, counts, clock, staleMs: 5000 };
    this.lookup = new CachedKeyLookup(options);
    this.#stream = this.trust.openStream();
    this.#server = new ModelFollowServer(database, undefined);
  }

  connect(): void {
    this.#stream = this.trust.openStream();
    this.#server = new ModelFollowServer(this.#database, this.trust.resumeFrom);
    this.#toServer = [];
    this.#toGateway = [];
  }

  ping(): void {
    this.#toServer.push(this.trust.nextPing().number);
  }

  deliverPing(): void {
    const number = this.#toServer.shift();
    if (number !== undefined) this.#server.receivePing(number);
  }

  look(): void {
    this.#server.look();
  }

  tell(): void {
    this.#toGateway.push(...this.#server.tell());
  }

  deliverTold(): void {
    const told = this.#toGateway.shift();
    if (told?.kind === 'reset' && this.trust.applyReset(this.#stream)) this.#l1.dropAll();
    if (told?.kind !== 'tick') return;
    const { tick } = told;
    const { isReset } = this.trust.applyTick(this.#stream, tick);
    if (isReset) this.#l1.dropAll();
    for (const { keyId, version } of tick.changes) {
      this.#l1.drop(keyId, version);
      const known = this.heard.get(keyId);
      const isOlder = known?.epoch === tick.read.epoch && known.version > version;
      if (!isOlder) this.heard.set(keyId, { epoch: tick.read.epoch, version });
    }
  }

  /** All goes well for once. */
  roundTrip(): void {
    this.ping();
    while (this.#toServer.length > 0) this.deliverPing();
    this.look();
    this.tell();
    while (this.#toGateway.length > 0) this.deliverTold();
  }

  readQuestion(choice: number): void {
    const waiting = this.questions.filter(({ state }) => state === undefined);
    const question = waiting[choice % Math.max(waiting.length, 1)];
    if (!question) return;
    const { version, read } = this.#database.read(question.keyId);
    const { keyId } = question;
    const acceptedSecrets = [{ keyPrefix: prefixOf(keyId), validUntilMs: null }];
    question.state = keyState({ keyId, version, read, acceptedSecrets });
  }

  /** Answers come in any order, some time after the read. */
  answerQuestion(choice: number): void {
    const read = this.questions.filter(({ state }) => state !== undefined);
    const question = read[choice % Math.max(read.length, 1)];
    if (question?.state) this.#take(question).answer(question.state);
  }

  failQuestion(choice: number): void {
    const question = this.questions[choice % Math.max(this.questions.length, 1)];
    if (question) this.#take(question).fail(new Error('the keys service is away'));
  }

  #take(question: Question): Question {
    this.questions.splice(this.questions.indexOf(question), 1);
    return question;
  }

  #keysPort(): KeysPort {
    const ask = (keyId: string) =>
      new Promise<KeyState>((answer, fail) => {
        this.questions.push({ keyId, state: undefined, answer, fail });
      });
    return {
      getState: ask,
      validate: async (key) => {
        const keyId = keyIdOf(key);
        return { proof: { keyId, keyPrefix: prefixOf(keyId) }, state: await ask(keyId) };
      },
    };
  }
}
