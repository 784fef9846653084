/**
 * Proof and state of a key: from this process, from the cache that gateways share, from the keys service,
 * in this order and each only as far as it can be trusted (see `domain/trust.ts`).
 */
import { hash } from 'node:crypto';
import { HokusaiError, toHokusaiError } from '@hokusai/contracts';
import { UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import { PREFIX_LENGTH } from '@hokusai/key-format';
import { AUTH_FAILURES_LIMITED, type AuthFailures } from '../domain/auth-failures.ts';
import { acceptsSecret } from '../domain/decision.ts';
import { type Clock, elapsedMs, instantOf } from '../domain/elapsed.ts';
import type { KeyState, Proof } from '../domain/key-state.ts';
import type { AuthenticatedKey, Awaitable, KeyLookup } from '../domain/ports.ts';
import type { Trust } from '../domain/trust.ts';
import type { KeysPort } from './keys-port.ts';
import type { L1 } from './l1.ts';
import type { SharedCache } from './l2.ts';
import type { LookupCounts } from './lookup-counts.ts';
import type { Outage } from './outage.ts';
import { type ProofPlaces, tooManyUnknownKeys, UNKNOWN_KEYS_SHED } from './proof-places.ts';
import type { Answer, SingleFlight } from './single-flight.ts';

export interface KeyLookupOptions {
  trust: Trust;
  l1: L1;
  l2: SharedCache;
  /** Tells `outage` how its questions end. */
  keys: KeysPort;
  outage: Outage;
  flights: SingleFlight<Found | undefined>;
  /** Keeps clients that show wrong keys from the keys service; absent: none. */
  failures?: AuthFailures | undefined;
  /** Bounds the questions about keys that are not proved here. */
  places: ProofPlaces;
  counts: LookupCounts;
  clock: Clock;
  /** An answer of the keys service is as good as trusted for that long after it was asked. */
  staleMs: number;
}

/** The state is absent where the shared cache had a proof, but no state that is trusted. */
interface Found {
  proof: Proof;
  state: KeyState | undefined;
  /** `Trust.timesForgotten` when the question was put. */
  timesForgotten: number;
}

interface Question {
  key: string;
  digest: string;
  requestId: string;
  clientIp: string;
}

interface Request extends Question {
  /** Place among all arrivals and questions. */
  arrival: number;
}

/**
 * How often a key is asked for. Once is the rule; twice where the first answer was overtaken by a change or
 * had been asked for before this request came. More only if the answers contradict the changes.
 */
const MAX_QUESTIONS = 5;
/**
 * Requests that may wait for the proof of a key, many of them for the same: some tens of megabytes. Without a bound,
 * what a flood sends while the keys service hangs would fill the memory, and end all at once.
 */
const MAX_ASKERS = 8192;

export class CachedKeyLookup implements KeyLookup {
  readonly #options: KeyLookupOptions;
  /** Requests that wait for a proof. */
  #askers = 0;

  constructor(options: KeyLookupOptions) {
    this.#options = options;
  }

  find(
    key: string,
    requestId: string,
    clientIp: string = UNKNOWN_ADDRESS,
  ): Awaitable<AuthenticatedKey | undefined> {
    const { l1, counts } = this.#options;
    const digest = hash('sha256', key, 'base64');
    const proof = l1.proof(digest);
    const trusted = proof && this.#fromL1(proof);
    if (trusted) {
      counts.l1Hits += 1;
      if (isDated(trusted)) return trusted;
      return this.#dated(trusted, { key, digest, requestId, clientIp });
    }
    if (!proof && l1.isUnknown(digest)) {
      counts.negativeHits += 1;
      return undefined;
    }
    return this.#searchAndDate({
      ...{ key, digest, requestId, clientIp },
      arrival: this.#options.flights.arrive(),
    });
  }

  async #searchAndDate(request: Request): Promise<AuthenticatedKey | undefined> {
    const found = await this.#search(request);
    return found && !isDated(found) ? this.#dated(found, request) : found;
  }

  /**
   * The key with a proof that says when its secret was replaced: it is proved again for that, once. Only
   * whoever is refused anyway waits for it, so where it fails the refusal just says less.
   */
  async #dated(found: AuthenticatedKey, question: Question): Promise<AuthenticatedKey> {
    if (this.#options.outage.isKnown()) return found;
    try {
      const again = () => this.#validate(question);
      const { value } = await this.#options.flights.ask(`date ${question.digest}`, again);
      return value ? { ...found, proof: value.proof } : found;
    } catch {
      return found;
    }
  }

  async #search(request: Request): Promise<AuthenticatedKey | undefined> {
    for (let question = 0; question < MAX_QUESTIONS; question += 1) {
      const proof = this.#options.l1.proof(request.digest);
      const known = proof && (this.#fromL1(proof) ?? this.#inKnownOutage(proof, request));
      if (known) return known;
      const answer = await this.#ask(request, proof);
      if ('state' in answer) return answer;
      if (answer.value === undefined) return undefined;
      const usable = this.#usable(answer, request, proof ?? answer.value.proof);
      if (usable) return usable;
    }
    throw new HokusaiError('unavailable', 'The state of this API key keeps changing: try again.', {
      reason: 'key_state_unsettled',
      retryAfterSeconds: 1,
    });
  }

  /** A trusted state in this process; its use is noted. */
  #fromL1(proof: Proof): AuthenticatedKey | undefined {
    const { trust, l1, clock } = this.#options;
    const held = l1.held(proof.keyId);
    if (!held) return undefined;
    const now = instantOf(clock);
    if (trust.assess(held.state, now) !== 'trusted') return undefined;
    held.trustedAt = now;
    return { proof, state: held.state, nowMs: trust.databaseNowMs(now) ?? now.wallMs };
  }

  /** Asks what is missing. Where that fails, the answer is what the outage's grace still allows, if anything. */
  async #ask(
    request: Request,
    proof: Proof | undefined,
  ): Promise<Answer<Found | undefined> | AuthenticatedKey> {
    try {
      return proof
        ? await this.#options.flights.ask(`state ${proof.keyId}`, () => this.#refresh(request, proof))
        : await this.#askForProof(request);
    } catch (error) {
      if (toHokusaiError(error).reason === AUTH_FAILURES_LIMITED) throw error;
      const inGrace = proof && this.#inGrace(proof);
      if (inGrace) return inGrace;
      this.#options.counts.unavailable += 1;
      throw unavailable(toHokusaiError(error));
    }
  }

  /**
   * The state of an answer, if this request may use it: either it is trusted now, or the question was put
   * after the request came, and not long ago. Never if a newer version was heard of meanwhile, or may have
   * been.
   */
  #usable(
    { value, askedAt, order }: Answer<Found | undefined>,
    request: Request,
    proof: Proof,
  ): AuthenticatedKey | undefined {
    const { trust, clock, staleMs } = this.#options;
    const state = value?.state;
    if (!state || trust.hasHeardNewer(state)) return undefined;
    const trusted = this.#fromL1(proof);
    if (trusted) return trusted;
    const sinceAskedMs = elapsedMs(askedAt, clock);
    if (order < request.arrival || sinceAskedMs > staleMs) return undefined;
    if (value.timesForgotten !== trust.timesForgotten) return undefined;
    return { proof, state, nowMs: state.read.readAtMs + sinceAskedMs };
  }

  /** Who may not ask gets what is shared, and joins nobody who may ask for more. */
  async #askForProof(request: Request): Promise<Answer<Found | undefined>> {
    const { flights, counts } = this.#options;
    const { digest } = request;
    let refusal = this.#refusalOf(request);
    while (!refusal) {
      this.#askers += 1;
      try {
        return await flights.ask(`proof ${digest}`, () => this.#prove(request));
      } catch (error) {
        // It is the limit of whoever put the question: those of other clients who joined it put it anew.
        if (toHokusaiError(error).reason !== AUTH_FAILURES_LIMITED) throw error;
        refusal = this.#refusalOf(request);
      } finally {
        this.#askers -= 1;
      }
    }
    const shared = await flights.ask(`shared ${digest}`, () => this.#fromShared(request));
    if (shared.value) return shared;
    if (refusal.reason === AUTH_FAILURES_LIMITED) counts.limited += 1;
    throw refusal;
  }

  /** Why the keys service is not asked for this request. */
  #refusalOf({ key, clientIp }: Request): HokusaiError | undefined {
    const { failures } = this.#options;
    if (failures && failures.waitMs(clientIp) > 0)
      return failures.refusal(clientIp, key.slice(0, PREFIX_LENGTH));
    return this.#askers >= MAX_ASKERS ? tooManyUnknownKeys() : undefined;
  }

  async #prove(question: Question): Promise<Found | undefined> {
    const { places } = this.#options;
    return (await this.#fromShared(question)) ?? (await places.ask(question, () => this.#validate(question)));
  }

  async #fromShared({ key, digest }: Question): Promise<Found | undefined> {
    const { l1, l2, trust, counts } = this.#options;
    const { timesForgotten } = trust;
    const shared = await l2.get(key);
    if (!shared) return undefined;
    l1.learn(digest, shared.proof);
    const isTrusted = trust.assess(shared.state) === 'trusted';
    if (isTrusted) l1.keep(shared.state);
    counts[isTrusted ? 'l2Hits' : 'l2Proofs'] += 1;
    return { proof: shared.proof, state: undefined, timesForgotten };
  }

  async #validate({ key, digest, requestId, clientIp }: Question): Promise<Found | undefined> {
    const { l1, keys, trust, counts, failures } = this.#options;
    const { timesForgotten } = trust;
    counts.validations += 1;
    const found = await keys.validate(key, requestId);
    if (found === undefined) {
      failures?.charge(clientIp);
      l1.learnUnknown(digest);
      return undefined;
    }
    l1.learn(digest, found.proof);
    this.#keep(key, found.proof, found.state);
    return { ...found, timesForgotten };
  }

  async #refresh({ key, digest, requestId }: Request, proof: Proof): Promise<Found | undefined> {
    const { l1, keys, trust, counts } = this.#options;
    const { timesForgotten } = trust;
    counts.refreshes += 1;
    const state = await keys.getState(proof.keyId, requestId);
    if (state === undefined) {
      l1.learnUnknown(digest);
      return undefined;
    }
    this.#keep(key, proof, state);
    return { proof, state, timesForgotten };
  }

  #keep(key: string, proof: Proof, state: KeyState): void {
    const { l1, l2, trust } = this.#options;
    if (trust.hasHeardNewer(state)) return;
    l1.keep(state);
    l2.put(key, { proof, state });
  }

  /**
   * While the keys service is known to be away, a request that its grace can serve doesn't wait for the
   * next failure; now and then one of them looks whether the service is back.
   */
  #inKnownOutage(proof: Proof, request: Request): AuthenticatedKey | undefined {
    const { outage } = this.#options;
    const inGrace = outage.isKnown() ? this.#inGrace(proof) : undefined;
    if (inGrace && outage.isProbeDue()) {
      // Its failure is of no interest to this request, which is served.
      this.#options.flights.ask(`state ${proof.keyId}`, () => this.#refresh(request, proof)).catch(() => {});
    }
    return inGrace;
  }

  /** A state that was trusted lately and that nothing speaks against. Using it here doesn't renew it. */
  #inGrace(proof: Proof): AuthenticatedKey | undefined {
    const { trust, l1, clock, outage, counts } = this.#options;
    const held = l1.held(proof.keyId);
    if (!held?.trustedAt || trust.assess(held.state) !== 'stale') return undefined;
    if (!outage.graceCovers(held.trustedAt)) return undefined;
    counts.graceServed += 1;
    return { proof, state: held.state, nowMs: trust.databaseNowMs() ?? clock.now() };
  }
}

/** False where the secret was replaced since it was proved: the proof doesn't say when. */
function isDated(found: AuthenticatedKey): boolean {
  return found.proof.retiredAtMs !== undefined || acceptsSecret(found);
}

/** 503, never 401: that a key can't be checked says nothing about the key. */
function unavailable(cause: HokusaiError): HokusaiError {
  if (cause.reason === UNKNOWN_KEYS_SHED) return cause;
  const message =
    "API keys can't be checked at the moment, since the keys service does not answer. Try again shortly.";
  return new HokusaiError('unavailable', message, {
    reason: 'keys_unavailable',
    retryAfterSeconds: cause.retryAfterSeconds ?? 5,
    cause,
  });
}
