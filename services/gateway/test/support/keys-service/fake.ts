/** A keys service that does what a test tells it, behind real gRPC. */
import { randomUUID } from 'node:crypto';
import { HokusaiError, services, unaryHandler } from '@hokusai/contracts';
import type { FollowOpen__Output } from '@hokusai/contracts/gen/keys/v1/FollowOpen';
import type { GetKeyStateRequest__Output } from '@hokusai/contracts/gen/keys/v1/GetKeyStateRequest';
import type { GetKeyStateResponse } from '@hokusai/contracts/gen/keys/v1/GetKeyStateResponse';
import type { ValidateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/ValidateKeyRequest';
import type { ValidateKeyResponse } from '@hokusai/contracts/gen/keys/v1/ValidateKeyResponse';
import { bindService, type RunningGrpcServer, startGrpcServer } from '@hokusai/service-kit';
import { grpcAdmission } from '@hokusai/testing';
import type { KeyState, Proof } from '../../../src/domain/key-state.ts';
import { keyState, someKey } from '../keys.ts';
import { type FollowCall, FollowerStream } from './follower-stream.ts';
import { readMessage, stateMessage } from './messages.ts';

interface StoredKey {
  proof: Proof;
  state: KeyState;
}

type UnaryFault = 'none' | 'fails' | 'makes-no-sense';

export class FakeKeysService {
  /** Questions that were answered or refused, by method. */
  readonly calls = { validate: 0, state: 0 };
  /** Each stream's opening, oldest first. */
  readonly opened: FollowOpen__Output[] = [];
  readonly streams = new Set<FollowerStream>();
  /** Incarnations that said goodbye. */
  readonly left: string[] = [];
  /** Pings are echoed; otherwise streams are silent. */
  isEchoing = true;
  unaryFault: UnaryFault = 'none';
  epoch = 'e1';
  /** Answers wait for this. */
  #held: Promise<void> = Promise.resolve();
  readonly #keys = new Map<string, StoredKey>();
  readonly #log: { cut: bigint; keyId: string; version: bigint }[] = [];
  #cut = 100n;
  #server: RunningGrpcServer | undefined;
  #port = 0;

  /** Starts, at the port of before if it was started before. */
  async start(): Promise<void> {
    const observe = () => {};
    const admission = grpcAdmission(services.keyValidation);
    this.#server = await startGrpcServer({ host: '127.0.0.1', port: this.#port, ...admission }, [
      bindService(services.keyValidation, {
        ValidateKey: unaryHandler<ValidateKeyRequest__Output, ValidateKeyResponse>(
          ({ key }) => this.#validate(key),
          observe,
        ),
        GetKeyState: unaryHandler<GetKeyStateRequest__Output, GetKeyStateResponse>(
          ({ keyId }) => this.#getState(keyId),
          observe,
        ),
        Follow: (call: FollowCall) => this.streams.add(new FollowerStream(call, this)),
      }),
    ]);
    this.#port = this.#server.port;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Cuts everything off at once. */
  async stop(): Promise<void> {
    this.breakStreams();
    await this.#server?.close(0);
  }

  /** Questions wait for their answers from now on, until the function that this answers is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  breakStreams(): void {
    for (const stream of this.streams) stream.break();
  }

  /** A new key, or the one that is given; the answer is its string and what is known of it. */
  add(
    overrides: Partial<KeyState> = {},
    key: string = someKey(overrides.environment),
  ): { key: string; keyId: string; state: KeyState } {
    const keyId = randomUUID();
    const keyPrefix = key.slice(0, 20);
    const acceptedSecrets = [{ keyPrefix, validUntilMs: null }];
    const state = keyState({ keyId, acceptedSecrets, ...overrides });
    this.#keys.set(key, { proof: { keyId, keyPrefix }, state });
    return { key, keyId: state.keyId, state };
  }

  /** Changes a key in a transaction of its own, and tells who follows. */
  change(keyId: string, parts: Partial<KeyState>): void {
    for (const stored of this.#keys.values()) {
      if (stored.state.keyId !== keyId) continue;
      stored.state = { ...stored.state, ...parts, version: stored.state.version + 1n };
      this.#log.push({ cut: this.#cut, keyId, version: stored.state.version });
    }
    this.#cut += 1n;
    if (this.isEchoing) for (const stream of this.streams) stream.tick();
  }

  /** What a look sees from a cut on. */
  look(from: bigint) {
    return { read: this.#read(), changes: this.#log.filter(({ cut }) => cut >= from) };
  }

  #read() {
    return { epoch: this.epoch, cut: this.#cut, readAtMs: Date.now() };
  }

  #validate(key: string): Promise<ValidateKeyResponse> {
    this.calls.validate += 1;
    const stored = this.#keys.get(key);
    const proof = stored && { ...stored.proof, retiredAt: null, validUntil: null };
    const state = stored && this.#stateMessage(stored.state);
    return this.#answer({ proof: proof ?? null, state: state ?? null, read: readMessage(this.#read()) });
  }

  #getState(keyId: string): Promise<GetKeyStateResponse> {
    this.calls.state += 1;
    const stored = [...this.#keys.values()].find(({ state }) => state.keyId === keyId);
    const state = stored ? this.#stateMessage(stored.state) : null;
    return this.#answer({ state, read: readMessage(this.#read()) });
  }

  #stateMessage(state: KeyState) {
    return stateMessage({ ...state, read: this.#read() });
  }

  async #answer<Response extends GetKeyStateResponse>(response: Response): Promise<Response> {
    if (this.unaryFault === 'fails') throw new HokusaiError('unavailable', 'The database is away.');
    await this.#held;
    if (this.unaryFault === 'none' || !response.state) return response;
    return { ...response, state: { ...response.state, environment: 'ENVIRONMENT_UNSPECIFIED' } };
  }
}
