/** Whether one more request may be under way to an upstream now. */
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { HokusaiError } from '@hokusai/contracts/errors';
import type { Exchange, Places } from './exchange.ts';
import type { RunningRequests } from './running-requests.ts';
import { upstreamUnreachable } from './upstream-errors.ts';

export interface AdmissionOptions {
  /** Of the upstream, for people. */
  upstreamName: string;
  maxInFlight: number;
  /** Shared by all upstreams. */
  running: RunningRequests;
  /** False while the breaker is open. */
  isReachable: () => boolean;
}

const RETRY_AFTER_SECONDS = 1;

export class Admission implements Places {
  readonly #options: AdmissionOptions;
  #inFlight = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Counts the exchange among those under way, until `leave`. Throws HokusaiError `unavailable` at once, and
   * counts nothing, if the upstream can't be reached, or if it or the caller has as many as it may have.
   * To be called by the exchange, which sees to it that it leaves once.
   */
  enter(exchange: Exchange): void {
    const { upstreamName, maxInFlight, running, isReachable } = this.#options;
    if (!isReachable()) throw upstreamUnreachable(upstreamName);
    if (this.#inFlight >= maxInFlight) throw overloaded(upstreamName, maxInFlight);
    if (!running.add(exchange)) throw keyOverloaded(exchange);
    this.#inFlight += 1;
  }

  /** Exchanges under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  leave(exchange: Exchange): void {
    this.#inFlight -= 1;
    this.#options.running.remove(exchange);
  }
}

function overloaded(upstreamName: string, maxInFlight: number): HokusaiError {
  return shed(
    'overloaded',
    `${upstreamName} has ${maxInFlight} requests to answer, as many as it may get from here at a time (UPSTREAM_MAX_IN_FLIGHT), and this one was not passed on. Try again.`,
  );
}

function keyOverloaded({ caller, client }: Exchange): HokusaiError {
  const who = caller ? `The API key ${caller.proof.keyPrefix}` : `The address ${client.clientIp}`;
  return shed(
    'key_overloaded',
    `${who} has as many requests under way as one may have (KEY_MAX_IN_FLIGHT), and this one was not passed on. Send fewer at a time, and try again.`,
  );
}

function shed(reason: ErrorReason, message: string): HokusaiError {
  return new HokusaiError('unavailable', message, { reason, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
