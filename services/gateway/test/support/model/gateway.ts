/** A gateway of the model: the real trust, caches and lookup, with a network that delivers when it is told to. */
import { HokusaiError } from '@hokusai/contracts';
import { CachedKeyLookup, type KeyLookupOptions } from '../../../src/cache/key-lookup.ts';
import type { KeysPort } from '../../../src/cache/keys-port.ts';
import { L1, type L1Settings } from '../../../src/cache/l1.ts';
import type { SharedCache } from '../../../src/cache/l2.ts';
import { newLookupCounts } from '../../../src/cache/lookup-counts.ts';
import { Outage, type OutageOptions, watchOutage } from '../../../src/cache/outage.ts';
import { SharedProofPlaces } from '../../../src/cache/proof-places.ts';
import type { KeyState } from '../../../src/domain/key-state.ts';
import { Trust, type TrustSettings } from '../../../src/domain/trust.ts';
import { keyState } from '../keys.ts';
import { ManualClock } from '../manual-clock.ts';
import { silentLogger } from '../silent-logger.ts';
import type { Chronicle } from './chronicle.ts';
import type { ModelDatabase } from './database.ts';
import { ModelFollowServer, type ModelReplica, type Told } from './follow-server.ts';
import { ObservedFlights } from './observed-flights.ts';
import type { ModelRedis } from './redis.ts';

/** A question on its way: asked, then read in the database, then answered. */
interface Question {
  keyId: string;
  state: KeyState | undefined;
  answer: (state: KeyState) => void;
  fail: (error: Error) => void;
}

/** The parts of a gateway that may be replaced, by some that leave out a rule. */
export interface ModelParts {
  makeTrust?: (settings: TrustSettings, clock: ManualClock) => Trust;
  makeL1?: (settings: L1Settings, clock: ManualClock) => L1;
  makeOutage?: (options: OutageOptions) => Outage;
  makeFlights?: (clock: ManualClock) => KeyLookupOptions['flights'];
}

/** In the model a key's string is its id and a prefix that makes it one. */
export const stringOf = (keyId: string) => `string of ${keyId}`;
const keyIdOf = (text: string) => text.slice('string of '.length);
const prefixOf = (keyId: string) => `prefix of ${keyId}`;

export interface ModelSettings extends ModelParts {
  graceMs: number;
  heardCapacity: number;
  /** The lookup's `staleMs`. */
  answerStaleMs?: number;
}

/** What a gateway stands in. */
export interface Surroundings {
  database: ModelDatabase;
  redis: ModelRedis;
  replica: ModelReplica;
  chronicle: Chronicle;
  /** It came while others had been at work. */
  isLate: boolean;
}

/** Trust and the grace that is usual. */
const LONG_MS = 65_000;
const AWAY = new HokusaiError('unavailable', 'The keys service is away.');

export class ModelGateway {
  readonly clock = new ManualClock();
  readonly counts = newLookupCounts();
  readonly trust: Trust;
  readonly lookup: CachedKeyLookup;
  readonly questions: Question[] = [];
  /** Newest version of each key that a tick brought, within one epoch. */
  readonly heard = new Map<string, { epoch: string; version: bigint }>();
  readonly #l1: L1;
  readonly #surroundings: Surroundings;
  #server: ModelFollowServer;
  #stream: number;
  #epoch = '';
  #cutOffAtMs: number | undefined;
  #toServer: bigint[] = [];
  #toGateway: Told[] = [];

  constructor(surroundings: Surroundings, settings: ModelSettings) {
    const { clock, counts } = this;
    const { graceMs, heardCapacity, answerStaleMs: staleMs = 5000, makeTrust, makeL1, makeOutage } = settings;
    this.#surroundings = surroundings;
    const trustSettings = { staleMs: 5000, stateTtlMs: 300_000, heardCapacity };
    this.trust = makeTrust?.(trustSettings, clock) ?? new Trust(trustSettings, clock);
    const l1Settings = { maxEntries: 100, negativeTtlMs: 10_000 };
    this.#l1 = makeL1?.(l1Settings, clock) ?? new L1(l1Settings, clock);
    const outageOptions = { graceMs, clock, logger: silentLogger };
    const outage = makeOutage?.(outageOptions) ?? new Outage(outageOptions);
    const flights = settings.makeFlights?.(clock) ?? new ObservedFlights(clock, surroundings.chronicle);
    const [keys, l2] = [watchOutage(this.#keysPort(), outage), this.#sharedCache()];
    const places = new SharedProofPlaces({});
    const parts = { trust: this.trust, l1: this.#l1, l2, keys, outage, flights, places };
    this.lookup = new CachedKeyLookup({ ...parts, counts, clock, staleMs });
    this.#stream = this.trust.openStream();
    this.#server = new ModelFollowServer(surroundings.replica, undefined);
  }

  connect(replica: ModelReplica): void {
    const { chronicle } = this.#surroundings;
    const hasMessages = this.#toServer.length > 0 || this.#toGateway.length > 0 || this.#server.hasSeen;
    if (hasMessages) chronicle.note('a stream broke with messages on their way');
    this.#stream = this.trust.openStream();
    const { resumeFrom } = this.trust;
    if (resumeFrom && replica !== this.#server.replica)
      chronicle.note('a stream was resumed at another replica');
    this.#server = new ModelFollowServer(replica, resumeFrom);
    this.#toServer = [];
    this.#toGateway = [];
  }

  /** Nothing gets to the keys service or from there any more; what is on its way stays there. */
  cutOff(): void {
    if (this.#cutOffAtMs !== undefined) return;
    this.#cutOffAtMs = this.clock.monotonic();
    for (const { fail } of this.questions.splice(0)) fail(AWAY);
  }

  mend(): void {
    const sinceMs = this.clock.monotonic() - (this.#cutOffAtMs ?? this.clock.monotonic());
    if (sinceMs > LONG_MS) this.#surroundings.chronicle.note('a gateway was cut off for more than 65 s');
    this.#cutOffAtMs = undefined;
  }

  ping(): void {
    this.#toServer.push(this.trust.nextPing().number);
  }

  deliverPing(): void {
    if (this.#cutOffAtMs !== undefined) return;
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
    if (this.#cutOffAtMs !== undefined) return;
    const told = this.#toGateway.shift();
    if (told?.kind === 'reset' && this.trust.applyReset(this.#stream)) this.#l1.dropAll();
    if (told?.kind !== 'tick') return;
    const { tick } = told;
    const { isReset } = this.trust.applyTick(this.#stream, tick);
    if (isReset) this.#l1.dropAll();
    this.#noteTick(told, isReset);
    for (const { keyId, version } of tick.changes) {
      this.#l1.drop(keyId, version);
      const known = this.heard.get(keyId);
      const isOlder = known?.epoch === tick.read.epoch && known.version > version;
      if (!isOlder) this.heard.set(keyId, { epoch: tick.read.epoch, version });
    }
  }

  /** All goes well for once. */
  roundTrip(): void {
    if (this.#cutOffAtMs !== undefined) return;
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
    const { version, read } = this.#surroundings.database.read(question.keyId);
    const { keyId } = question;
    const acceptedSecrets = [{ keyPrefix: prefixOf(keyId), validUntilMs: null }];
    question.state = keyState({ keyId, version, read, acceptedSecrets });
  }

  /** Answers come in any order, some time after the read. */
  answerQuestion(choice: number): void {
    const { database, chronicle } = this.#surroundings;
    const read = this.questions.filter(({ state }) => state !== undefined);
    const question = read[choice % Math.max(read.length, 1)];
    if (!question?.state) return;
    if (database.versionOf(question.keyId) !== question.state.version)
      chronicle.note('an answer was out of date when it arrived');
    this.#take(question).answer(question.state);
  }

  failQuestion(choice: number): void {
    const question = this.questions[choice % Math.max(this.questions.length, 1)];
    if (question) this.#take(question).fail(choice % 2 === 0 ? AWAY : new Error('it makes no sense'));
  }

  #take(question: Question): Question {
    this.questions.splice(this.questions.indexOf(question), 1);
    return question;
  }

  #keysPort(): KeysPort {
    const ask = (keyId: string) =>
      new Promise<KeyState>((answer, fail) => {
        if (this.#cutOffAtMs !== undefined) fail(AWAY);
        else this.questions.push({ keyId, state: undefined, answer, fail });
      });
    return {
      getState: ask,
      validate: async (key) => {
        const keyId = keyIdOf(key);
        return { proof: { keyId, keyPrefix: prefixOf(keyId) }, state: await ask(keyId) };
      },
    };
  }

  #sharedCache(): SharedCache {
    const { redis, database, chronicle, isLate } = this.#surroundings;
    return {
      get: async (key) => {
        const entry = await redis.read(key);
        if (!entry) return undefined;
        if (entry.writer !== this && this.trust.assess(entry.state) === 'trusted')
          chronicle.note('one gateway used what the other had written to Redis');
        if (isLate && database.versionOf(entry.state.keyId) !== entry.state.version)
          chronicle.note('a new gateway found a state in Redis that was out of date');
        return entry;
      },
      put: (key, entry) => redis.write(key, { ...entry, writer: this }),
    };
  }

  #noteTick({ tick, lookedAtMs }: Extract<Told, { kind: 'tick' }>, isReset: boolean): void {
    const { database, chronicle } = this.#surroundings;
    const { epoch } = tick.read;
    if (database.nowMs() - lookedAtMs > 5000) chronicle.note('a tick arrived more than 5 s after its look');
    if (this.#epoch !== '' && this.#epoch !== epoch) chronicle.note('the epoch changed under a gateway');
    else if (isReset) chronicle.note('the memory of changes overflowed');
    this.#epoch = epoch;
  }
}
