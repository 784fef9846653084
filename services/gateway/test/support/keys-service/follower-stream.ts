/** One follow stream on the side of the fake keys service. */
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { FollowOpen__Output } from '@hokusai/contracts/gen/keys/v1/FollowOpen';
import type { FollowRequest__Output } from '@hokusai/contracts/gen/keys/v1/FollowRequest';
import type { FollowResponse } from '@hokusai/contracts/gen/keys/v1/FollowResponse';
import type { ReadPoint } from '../../../src/domain/key-state.ts';
import { readMessage } from './messages.ts';

export type FollowCall = ServerDuplexStream<FollowRequest__Output, FollowResponse>;

/** The service that a stream belongs to. */
export interface FollowedService {
  readonly streams: Set<FollowerStream>;
  readonly opened: FollowOpen__Output[];
  readonly left: string[];
  readonly isEchoing: boolean;
  look(from: bigint): { read: ReadPoint; changes: { keyId: string; version: bigint }[] };
}

export class FollowerStream {
  readonly #call: FollowCall;
  readonly #service: FollowedService;
  #incarnation = '';
  #tick = 0;
  #echo = '0';
  #told = 0n;
  /** Number of the last tick that the gateway said it has applied. */
  applied = 0;

  constructor(call: FollowCall, service: FollowedService) {
    this.#call = call;
    this.#service = service;
    call.on('data', (request: FollowRequest__Output) => this.#receive(request));
    call.on('cancelled', () => service.streams.delete(this));
  }

  /** Tells what was committed since the last tick; `skip` leaves a number out. */
  tick({ skip = 0 } = {}): void {
    const { read, changes } = this.#service.look(this.#told);
    this.#told = read.cut;
    this.#tick += 1 + skip;
    const told = changes.map(({ keyId, version }) => ({ keyId, version: String(version) }));
    this.#write({ tick: { number: this.#tick, echo: this.#echo, read: readMessage(read), changes: told } });
  }

  reset(reason: string): void {
    this.#write({ reset: { reason } });
    this.tick();
  }

  sendNonsense(): void {
    this.#write({ tick: { number: this.#tick + 1, echo: this.#echo, read: null, changes: [] } });
  }

  break(): void {
    this.#service.streams.delete(this);
    this.#call.emit('error', { code: status.UNAVAILABLE, details: 'broken by the test' });
  }

  #write(response: FollowResponse): void {
    this.#call.write(response);
  }

  #receive({ open, ping, leave }: FollowRequest__Output): void {
    if (open) {
      this.#service.opened.push(open);
      this.#incarnation = open.incarnation;
      this.#told = open.lastEpoch === '' ? this.#service.look(0n).read.cut : BigInt(open.lastCut);
    }
    if (ping) {
      this.#echo = ping.number;
      this.applied = Number(ping.applied);
      if (this.#service.isEchoing) this.tick();
    }
    if (leave) {
      this.#service.left.push(this.#incarnation);
      this.#call.end();
    }
  }
}
