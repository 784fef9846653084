/** Passes one request to an upstream and its answer to the client, both as streams. */
import type { HokusaiError } from '@hokusai/contracts/errors';
import { answerTrailers } from '../domain/answer-headers.ts';
import { breakOff } from './break-off.ts';
import type { Deadline } from './deadline.ts';
import type { Exchange, ExchangeWork } from './exchange.ts';
import { type AnswerFlow, type AnswerHandler, type AnswerHead, BrokenConnection } from './http1/index.ts';
import { RequestBody } from './request-body.ts';
import { freeSpent } from './spent-chunks.ts';
import { clientStalled, responseTimeout, upstreamError, upstreamStalled } from './upstream-errors.ts';
import type { UpstreamTarget } from './upstream-target.ts';

export interface ForwardedRequest {
  /** Of the upstream, for people. */
  upstreamName: string;
  /** Below the upstream's base path, with its query. */
  path: string;
  /** Names and values, flat, as they are to be sent. */
  headers: string[];
  hasBody: boolean;
  /** What the client gets of the answer's headers, from names and values, flat. */
  answerHeaders: (rawHeaders: readonly string[]) => string[];
  /** The client takes trailers. */
  passesTrailers: boolean;
}

/**
 * Resolves when the answer has been passed on, or was cut off because one of the sides was; then the
 * client's connection is closed, so that it sees that the answer is not whole. Rejects with HokusaiError
 * if nothing has been answered yet. When the client leaves, the upstream's request is cancelled.
 */
export function forward(
  exchange: Exchange,
  target: UpstreamTarget,
  request: ForwardedRequest,
): Promise<void> {
  return new Promise((resolve, reject) => {
    new Forwarding(exchange, target, request, (error) => (error ? reject(error) : resolve())).start();
  });
}

/** Whose repetition does no harm if the first one has been carried out after all (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** A head and a body of that size are one write. */
const SMALL_BYTES = 8192;

class Forwarding implements AnswerHandler, ExchangeWork {
  readonly #exchange: Exchange;
  readonly #target: UpstreamTarget;
  readonly #request: ForwardedRequest;
  readonly #settle: (error?: Error) => void;
  readonly #deadline: Deadline;
  #flow: AnswerFlow | undefined;
  #body: RequestBody | null = null;
  /** The request has been given to a connection. */
  #isSent = false;
  #isAnswered = false;
  #isRepetition = false;
  /** Until all that came with its head was handed over: a small answer comes to its end by then. */
  #isHeld = false;
  /** Of the answer, held back. */
  #first: Buffer | undefined;
  /** The upstream, for the client's sake. */
  #isPaused = false;
  #isOver = false;

  constructor(
    exchange: Exchange,
    target: UpstreamTarget,
    request: ForwardedRequest,
    settle: (error?: Error) => void,
  ) {
    this.#exchange = exchange;
    this.#deadline = exchange.deadline;
    this.#target = target;
    this.#request = request;
    this.#settle = settle;
  }

  start(): void {
    const { hasLeft, cutOffBy } = this.#exchange;
    if (hasLeft || cutOffBy) {
      this.#settle(cutOffBy);
      return;
    }
    this.#exchange.work = this;
    this.#dispatch();
  }

  #dispatch(): void {
    const { incoming } = this.#exchange;
    const { path, headers, hasBody } = this.#request;
    const { method = '' } = incoming;
    this.#body = hasBody ? this.#newBody() : null;
    if (this.#body) this.#deadline.start(this.#target.timeouts.bodyIdleMs, this.#onBodyStalled);
    else this.#awaitResponse();
    const { pool, basePath } = this.#target;
    const request = { method, path: basePath + path, headers, body: this.#body };
    pool.send(request, this, { isFresh: this.#isRepetition });
  }

  #newBody(): RequestBody {
    return new RequestBody(this.#exchange.incoming, {
      onWanted: () => {
        if (this.#exchange.expectsContinue) this.#exchange.outgoing.writeContinue();
      },
      onProgress: (bytes) => {
        this.#exchange.bytesIn += bytes;
        this.#deadline.putOff();
      },
    });
  }

  onSending(flow: AnswerFlow): void {
    if (this.#isOver) {
      flow.abort();
      return;
    }
    this.#isSent = true;
    this.#flow = flow;
  }

  onSent(): void {
    if (!this.#isAnswered) this.#awaitResponse();
  }

  onHead({ status, reason, rawHeaders }: AnswerHead): void {
    this.#target.reachability.answered();
    const { outgoing } = this.#exchange;
    const headers = this.#request.answerHeaders(rawHeaders);
    outgoing.writeHead(status, isReasonPhrase(reason) ? reason : undefined, headers);
    this.#isAnswered = true;
    this.#exchange.markFirstByte();
    this.#deadline.start(this.#target.timeouts.bodyIdleMs, this.#onAnswerStalled);
    this.#isHeld = true;
  }

  onData(chunk: Buffer): void {
    this.#exchange.bytesOut += chunk.length;
    this.#deadline.putOff();
    if (this.#isHeld && !this.#first && chunk.length <= SMALL_BYTES) {
      this.#first = chunk;
      return;
    }
    this.#release();
    const isTaken = this.#exchange.outgoing.write(chunk, (error) => {
      if (!error) freeSpent(chunk);
    });
    if (!isTaken) this.#pause();
  }

  onEnd(rawTrailers: readonly string[]): void {
    const { outgoing } = this.#exchange;
    if (this.#request.passesTrailers && rawTrailers.length > 0)
      outgoing.addTrailers(answerTrailers(rawTrailers));
    // As Latin-1, which keeps every byte, a body leaves in one piece with its head: Node joins strings only.
    if (this.#first) outgoing.end(this.#first.toString('latin1'), 'latin1');
    else outgoing.end();
    this.#finish();
  }

  /** The head leaves with what is here already, else alone: a stream may be long silent. */
  onArrived(): void {
    if (!this.#isHeld) return;
    this.#release();
    if (this.#exchange.bytesOut === 0) this.#exchange.outgoing.flushHeaders();
  }

  /** Writes what was held back. */
  #release(): void {
    this.#isHeld = false;
    const first = this.#first;
    this.#first = undefined;
    if (first) this.#exchange.outgoing.write(first);
  }

  /** Until the client has taken in what there is for it. */
  #pause(): void {
    // What was read already is still handed over.
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#flow?.pause();
    this.#exchange.outgoing.once('drain', () => {
      this.#isPaused = false;
      this.#deadline.putOff();
      if (!this.#isOver) this.#flow?.resume();
    });
  }

  onError(error: Error): void {
    // While it was being connected for: nobody has been told to abort.
    if (this.#isOver) return;
    if (this.#mayRepeat(error)) this.#repeat();
    else if (this.#isAnswered) this.#cutOff();
    else this.#finish(upstreamError(this.#request.upstreamName, error));
  }

  /** The client must see that this was not the whole answer. */
  #cutOff(): void {
    breakOff(this.#exchange.outgoing);
    this.#finish();
  }

  #awaitResponse(): void {
    this.#deadline.start(this.#target.timeouts.responseMs, () =>
      this.stop(responseTimeout(this.#request.upstreamName)),
    );
  }

  readonly #onBodyStalled = (): void => {
    const isClient = this.#body?.isWaitingForClient ?? false;
    this.stop(isClient ? clientStalled() : upstreamStalled(this.#request.upstreamName));
  };

  /** Either side stopped; unless it is for an answer before this one, on the same connection, that it waits. */
  readonly #onAnswerStalled = (): void => {
    const { outgoing, hasLeft } = this.#exchange;
    const waits = !outgoing.socket && (this.#isOver || outgoing.writableNeedDrain);
    if (waits && !hasLeft) {
      this.#deadline.start(this.#target.timeouts.bodyIdleMs, this.#onAnswerStalled);
      return;
    }
    breakOff(outgoing);
    this.stop();
  };

  #mayRepeat(error: Error): boolean {
    const isUnread = this.#body === null || this.#body.isUnread;
    const isIdempotent = IDEMPOTENT.has(this.#exchange.incoming.method ?? '');
    return this.#isSent && !this.#isAnswered && !this.#isRepetition && isUnread && isIdempotent
      ? error instanceof BrokenConnection
      : false;
  }

  #repeat(): void {
    this.#isRepetition = true;
    this.#isSent = false;
    this.#flow = undefined;
    this.#dispatch();
  }

  /** Ends it from our side; the upstream's connection is given up. */
  stop(reason?: HokusaiError): void {
    if (this.#isOver) return;
    this.#finish(this.#isAnswered ? undefined : reason);
    this.#flow?.abort();
    this.#body?.destroy();
  }

  #finish(error?: Error): void {
    this.#isOver = true;
    this.#exchange.work = undefined;
    // What is left to do is to hand the rest to a client that may have stopped reading.
    if (error !== undefined || this.#exchange.outgoing.destroyed) this.#deadline.clear();
    this.#settle(error);
  }
}

/** What Node would refuse to send. The phrase means nothing to programs. */
function isReasonPhrase(text: string): boolean {
  return text !== '' && /^[\t\x20-\x7e]*$/.test(text);
}
