/** One follow stream, from its opening to its end. */
import type { FollowResponse__Output } from '@hokusai/contracts/gen/keys/v1/FollowResponse';
import type { Tick, Trust } from '../domain/trust.ts';
import { toTick } from './key-mapping.ts';
import type { KeyValidationClient } from './keys-client.ts';

export interface FollowSettings {
  /** Identity of this process (uuid), new at each start. */
  incarnation: string;
  /** Its name for people. */
  gateway: string;
  /** How long it may use a state after its last echoed ping: staleness and outage grace. */
  trustMs: number;
  pingIntervalMs: number;
  /** A stream without a new echo for that long is given up. */
  silenceMs: number;
}

/** Whoever holds states that changes make obsolete. */
export interface StateHolder {
  drop(keyId: string, version: bigint): void;
  dropAll(): void;
}

export interface FollowObserver {
  /** A ping was echoed: the stream works. */
  onEcho(): void;
  onChanges(count: number): void;
  onReset(reason: string): void;
  /** Told once, unless `leave` or `cancel` was called before. */
  onEnd(cause: unknown): void;
}

export class FollowStream {
  readonly #trust: Trust;
  readonly #states: StateHolder;
  readonly #settings: FollowSettings;
  readonly #observer: FollowObserver;
  readonly #id: number;
  readonly #call;
  readonly #pings: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;
  #isOver = false;

  constructor(
    client: KeyValidationClient,
    trust: Trust,
    states: StateHolder,
    settings: FollowSettings,
    observer: FollowObserver,
  ) {
    this.#trust = trust;
    this.#states = states;
    this.#settings = settings;
    this.#observer = observer;
    this.#id = trust.openStream();
    this.#call = client.duplex('Follow');
    this.#call.on('data', (response: FollowResponse__Output) => this.#receive(response));
    this.#call.on('error', (error: Error) => this.#end(error));
    this.#call.on('end', () => this.#end(new Error('the keys service closed the stream')));
    this.#pings = setInterval(() => this.#ping(), settings.pingIntervalMs);
    this.#silence = setTimeout(
      () => this.#end(new Error('the keys service echoes no pings')),
      settings.silenceMs,
    );
    this.#open();
    this.#ping();
  }

  /** Tells the keys service that this process trusts nothing any more. Resolves when it knows, or after the limit. */
  async leave(limitMs: number): Promise<void> {
    if (this.#isOver) return;
    this.#stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, limitMs);
    this.#call.on('status', () => resolve());
    // The other side ends the stream once the goodbye stands in its database.
    this.#call.write({ leave: {} });
    await promise;
    clearTimeout(limit);
    this.#call.cancel();
  }

  #open(): void {
    const { incarnation, gateway, trustMs } = this.#settings;
    const from = this.#trust.resumeFrom;
    const position = { lastEpoch: from?.epoch ?? '', lastCut: String(from?.cut ?? 0n) };
    this.#call.write({ open: { incarnation, gateway, trustMs, ...position } });
  }

  #ping(): void {
    const { number, applied, appliedCut } = this.#trust.nextPing();
    const ping = { number: String(number), applied: String(applied), appliedCut: String(appliedCut) };
    this.#call.write({ ping });
  }

  #receive(response: FollowResponse__Output): void {
    if (this.#isOver) return;
    try {
      if (response.tick) this.#applyTick(toTick(response.tick));
      else if (response.reset && this.#trust.applyReset(this.#id)) this.#distrustAll(response.reset.reason);
    } catch (error) {
      this.#end(error);
    }
  }

  #applyTick(tick: Tick): void {
    const outcome = this.#trust.applyTick(this.#id, tick);
    if (outcome.kind === 'broken') throw new Error(`a tick is missing before number ${tick.number}`);
    if (outcome.isReset) this.#distrustAll('the changes since the last tick are not known');
    for (const { keyId, version } of tick.changes) this.#states.drop(keyId, version);
    if (outcome.isEchoed) {
      this.#silence.refresh();
      this.#observer.onEcho();
    }
    if (tick.changes.length === 0) return;
    this.#observer.onChanges(tick.changes.length);
    // At once: someone may wait to hear that this gateway has applied them.
    this.#ping();
  }

  #distrustAll(reason: string): void {
    this.#states.dropAll();
    this.#observer.onReset(reason);
    // At once: trust begins anew with the echo of a ping that is sent after the reset.
    this.#ping();
  }

  #end(cause: unknown): void {
    if (this.#isOver) return;
    this.#stop();
    this.#call.cancel();
    this.#observer.onEnd(cause);
  }

  #stop(): void {
    this.#isOver = true;
    clearInterval(this.#pings);
    clearTimeout(this.#silence);
  }
}
