/**
 * Upgraded connections (WebSocket): the handshake is built here, as any other request to an upstream, and
 * `http-proxy-middleware` carries what follows. It is given no header of the client's, which it would pass
 * on, and none of its answers gets past unseen.
 */
import { type ClientRequest, IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HokusaiError } from '@hokusai/contracts/errors';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { Deadline } from './deadline.ts';
import type { Exchange, ExchangeWork } from './exchange.ts';
import type { Fail } from './fail.ts';
import type { ForwardedRequest } from './forward.ts';
import { ConnectFailed } from './http1/index.ts';
import { connectTimeout, responseTimeout, upstreamError } from './upstream-errors.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/**
 * Passes the handshake on, and then all bytes both ways until one of the sides, or the exchange's work, is
 * stopped. Answers by itself where that fails: the middleware ends the connection right after an error, so
 * that no later answer would get through.
 */
export function passUpgrade(
  exchange: Exchange,
  target: UpstreamTarget,
  request: ForwardedRequest,
  fail: Fail,
): void {
  new Upgrade(exchange, target, request, fail).start();
}

/** A client may send so much before it knows that it may. */
const MAX_EARLY_BYTES = 64 * 1024;

class Upgrade implements ExchangeWork {
  readonly #exchange: Exchange;
  readonly #target: UpstreamTarget;
  readonly #request: ForwardedRequest;
  readonly #fail: Fail;
  readonly #client: Socket;
  readonly #deadline: Deadline;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #handshake: ClientRequest | undefined;
  #upstream: Socket | undefined;
  #isConnected = false;
  #isAnswered = false;
  #isOver = false;

  constructor(exchange: Exchange, target: UpstreamTarget, request: ForwardedRequest, fail: Fail) {
    this.#exchange = exchange;
    this.#deadline = exchange.deadline;
    this.#target = target;
    this.#request = request;
    this.#fail = fail;
    this.#client = exchange.incoming.socket;
  }

  start(): void {
    const { hasLeft, cutOffBy, upgradeHead = Buffer.alloc(0) } = this.#exchange;
    if (hasLeft) return;
    if (cutOffBy) {
      this.stop(cutOffBy);
      return;
    }
    this.#exchange.work = this;
    this.#watchClient();
    const { upstreamName } = this.#request;
    this.#deadline.start(this.#target.timeouts.connectMs, () => this.stop(connectTimeout(upstreamName)));
    const middleware = createProxyMiddleware({
      target: this.#target.origin,
      // Its own plug-ins log URLs, and answer in words of their own.
      ejectPlugins: true,
      plugins: [
        (proxy) => {
          proxy.on('proxyReqWs', (handshake) => this.#follow(handshake));
          // The others are those of its sockets, which are followed themselves.
          proxy.on('error', (error) => {
            if (!this.#handshake) this.#failed(error);
          });
        },
      ],
    });
    middleware.upgrade(this.#ownRequest(), this.#client, upgradeHead);
  }

  /** Nobody reads before the upstream has switched, and who doesn't read doesn't see the other side leave. */
  #watchClient(): void {
    this.#client.on('data', this.#keep).once('end', this.#left).once('error', this.#left);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#earlyBytes += chunk.length;
    // Not left in the connection instead: unread, it would keep the client's end from being seen.
    if (this.#earlyBytes > MAX_EARLY_BYTES) this.stop(tooEarly());
    else this.#early.push(chunk);
  };

  /** At once: the middleware takes this for an error of the upstream. */
  readonly #left = (): void => this.#exchange.leave();

  /** From now on the middleware reads. */
  #leaveClient(): void {
    this.#client.off('data', this.#keep).off('end', this.#left).off('error', this.#left).pause();
    if (this.#earlyBytes > 0) this.#client.unshift(Buffer.concat(this.#early));
  }

  /** What the middleware takes for the client's request. */
  #ownRequest(): IncomingMessage {
    const own = new IncomingMessage(this.#client);
    own.method = 'GET';
    own.url = this.#target.basePath + this.#request.path;
    own.httpVersion = '1.1';
    own.httpVersionMajor = 1;
    own.httpVersionMinor = 1;
    own.headers = { ...byName(this.#request.headers), connection: 'Upgrade', upgrade: 'websocket' };
    return own;
  }

  /** The handshake has just been made. The middleware sets its own listeners next. */
  #follow(handshake: ClientRequest): void {
    this.#handshake = handshake;
    handshake.once('socket', (socket) => socket.once(connectionEventOf(socket), () => this.#connected()));
    // First of all: the middleware ends the client's connection next.
    handshake.once('error', (error) => this.#failed(error));
    handshake.once('upgrade', (answer, upstream) => this.#switch(answer, upstream as Socket));
    process.nextTick(() => {
      // Its own would pass the head of an answer on as it is.
      handshake.removeAllListeners('response');
      handshake.once('response', (answer) => this.#passAnswer(answer));
    });
  }

  #connected(): void {
    if (this.#isOver) return;
    this.#isConnected = true;
    this.#target.reachability.connected();
    const { upstreamName } = this.#request;
    this.#deadline.start(this.#target.timeouts.responseMs, () => this.stop(responseTimeout(upstreamName)));
  }

  /** The upstream does not switch: what it says instead is an answer like any other. */
  #passAnswer(answer: IncomingMessage): void {
    if (this.#isOver) return;
    const { outgoing } = this.#exchange;
    try {
      outgoing.writeHead(answer.statusCode ?? 502, this.#request.answerHeaders(answer.rawHeaders));
    } catch (error) {
      const unsendable = new Error('Node reads more than it sends.', { cause: error });
      this.stop(upstreamError(this.#request.upstreamName, unsendable));
      return;
    }
    this.#answered();
    answer.on('data', (chunk: Buffer) => {
      this.#exchange.bytesOut += chunk.length;
      this.#deadline.putOff();
    });
    answer.on('error', () => this.stop());
    // Node's own: a request for an upgrade is not plain.
    answer.pipe(outgoing as ServerResponse);
  }

  #switch(answer: IncomingMessage, upstream: Socket): void {
    this.#upstream = upstream;
    if (this.#isOver) {
      upstream.destroy();
      return;
    }
    this.#answered();
    this.#exchange.isUpgraded = true;
    this.#leaveClient();
    const { upgrade = 'websocket' } = answer.headers;
    answer.headers = {
      ...byName(this.#request.answerHeaders(answer.rawHeaders)),
      connection: 'Upgrade',
      upgrade,
    };
    upstream.once('close', () => this.#client.destroySoon());
    // Once the middleware has put back what came behind the head and listens: or that would be ours alone.
    process.nextTick(() => {
      this.#count(this.#client, (bytes) => {
        this.#exchange.bytesIn += bytes;
      });
      this.#count(upstream, (bytes) => {
        this.#exchange.bytesOut += bytes;
      });
    });
  }

  #count(socket: Socket, add: (bytes: number) => void): void {
    socket.on('data', (chunk: Buffer) => {
      add(chunk.length);
      this.#deadline.putOff();
    });
  }

  #answered(): void {
    this.#isAnswered = true;
    this.#target.reachability.answered();
    this.#exchange.markFirstByte();
    this.#deadline.start(this.#target.timeouts.bodyIdleMs, () => this.stop());
  }

  #failed(error: Error): void {
    if (this.#handshake && !this.#isConnected && !this.#isOver) this.#target.reachability.failed(error);
    const failure = this.#isConnected ? error : new ConnectFailed(error, false);
    this.stop(upstreamError(this.#request.upstreamName, failure));
  }

  stop(reason?: HokusaiError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.clear();
    this.#exchange.work = undefined;
    if (reason && !this.#isAnswered) this.#fail(this.#exchange, reason);
    else this.#client.destroy();
    this.#handshake?.destroy();
    this.#upstream?.destroy();
  }
}

function tooEarly(): HokusaiError {
  return new HokusaiError(
    'invalid_request',
    'More than 64 KiB came before the upgrade was agreed to. Wait for the answer to the handshake before you send.',
    { reason: 'body_too_large' },
  );
}

/** When it can be written to: over TLS that is not when the upstream's port has answered. */
function connectionEventOf(socket: Socket): string {
  return socket instanceof TLSSocket ? 'secureConnect' : 'connect';
}

/** Values by name, several in a list, of names and values in turn. */
function byName(flat: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    const value = flat[index + 1] as string;
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}
