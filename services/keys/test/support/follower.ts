/** A gateway's side of the `Follow` stream, as little as tests need. */
import { randomUUID } from 'node:crypto';
import { type ServiceError, status } from '@grpc/grpc-js';
import { createServiceClient, services } from '@hokusai/contracts';
import type { FollowResponse__Output } from '@hokusai/contracts/gen/keys/v1/FollowResponse';
import type { FollowTick__Output } from '@hokusai/contracts/gen/keys/v1/FollowTick';
import { grpcToken } from '@hokusai/testing';

export interface FollowerOptions {
  address: string;
  incarnation?: string;
  gateway?: string;
  resumeAfter?: { epoch: string; cut: string };
  /** Pings by itself after its first tick, and after each with changes. */
  isLively?: boolean;
}

type Message = { tick: FollowTick__Output } | { reset: string };

export class TestFollower {
  readonly incarnation: string;
  readonly messages: Message[] = [];
  /** How the stream ended. */
  readonly ended: Promise<{ code: status; details: string }>;
  readonly call;
  readonly #client;
  readonly #waiting = new Set<() => void>();
  readonly #isLively: boolean;
  #lastPing = 0;
  #isClosed = false;

  constructor({
    address,
    incarnation = randomUUID(),
    gateway = 'test:8080',
    resumeAfter,
    isLively = false,
  }: FollowerOptions) {
    this.incarnation = incarnation;
    this.#isLively = isLively;
    this.#client = createServiceClient(services.keyValidation, {
      peer: 'keys',
      address,
      timeoutMs: 5000,
      token: grpcToken,
    });
    this.call = this.#client.duplex('Follow');
    this.ended = new Promise((resolve) => {
      this.call.on('error', ({ code, details }: ServiceError) => resolve({ code, details }));
      this.call.on('end', () => resolve({ code: status.OK, details: '' }));
    });
    this.call.on('data', (response: FollowResponse__Output) => this.#receive(response));
    this.call.write({
      open: {
        incarnation,
        gateway,
        trustMs: 65_000,
        lastEpoch: resumeAfter?.epoch ?? '',
        lastCut: resumeAfter?.cut ?? '0',
      },
    });
  }

  get ticks(): FollowTick__Output[] {
    return this.messages.flatMap((message) => ('tick' in message ? [message.tick] : []));
  }

  get resets(): string[] {
    return this.messages.flatMap((message) => ('reset' in message ? [message.reset] : []));
  }

  /** Where to resume after the last tick. */
  get position(): { epoch: string; cut: string } {
    const read = this.ticks.at(-1)?.read;
    if (!read) throw new Error('no tick yet');
    return { epoch: read.epoch, cut: read.cut };
  }

  ping(number: number | string): void {
    const last = this.ticks.at(-1);
    this.#lastPing = Number(number);
    this.call.write({ ping: { number, applied: last?.number ?? 0, appliedCut: last?.read?.cut ?? 0 } });
  }

  /** The first tick, or one that is yet to come, that this accepts. */
  tick(accepts: (tick: FollowTick__Output) => boolean): Promise<FollowTick__Output> {
    return this.#find(() => this.ticks.find(accepts));
  }

  /** A tick with this key in it, also one that has come already. */
  change(keyId: string): Promise<FollowTick__Output> {
    return this.tick(({ changes }) => changes.some((change) => change.keyId === keyId));
  }

  /** A tick that comes from now on. */
  nextTick(): Promise<FollowTick__Output> {
    const count = this.ticks.length;
    return this.#find(() => this.ticks[count]);
  }

  reset(): Promise<string> {
    return this.#find(() => this.resets[0]);
  }

  /** Ends the stream without a goodbye. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.call.cancel();
    await this.ended;
    this.#client.close();
  }

  #receive({ tick, reset }: FollowResponse__Output): void {
    if (tick) this.messages.push({ tick });
    if (reset) this.messages.push({ reset: reset.reason });
    if (this.#isLively && tick && (this.ticks.length === 1 || tick.changes.length > 0))
      this.ping(this.#lastPing + 1);
    for (const wake of this.#waiting) wake();
  }

  async #find<Value>(look: () => Value | undefined): Promise<Value> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const end = await Promise.race([promise, this.ended]);
      this.#waiting.delete(resolve);
      if (end) throw new Error(`the stream ended: ${status[end.code]} ${end.details}`);
    }
  }
}
