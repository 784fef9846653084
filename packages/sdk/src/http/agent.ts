import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/**
 * Less than the 5 seconds after which uvicorn, MLflow's server, closes a connection that nothing is sent on: a request
 * that meets the closing would be lost, and may not be sent again.
 */
const LONGEST_IDLE_MS = 4000;
const MAX_CONNECTIONS = 32;

/** Connections that are kept for the next request; while they wait, they don't keep the process alive. */
export class Connections {
  readonly agent: http.Agent;
  readonly #elapsed: () => number;
  readonly #freeSince = new WeakMap<Socket, number>();

  constructor(protocol: string, elapsed: () => number) {
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: LONGEST_IDLE_MS };
    this.agent = protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
    this.#elapsed = elapsed;
    this.agent.on('free', (socket: Socket) => this.#freeSince.set(socket, elapsed()));
  }

  /** Ends those that have waited too long: the timer that does so is late when the program was busy. */
  endStale(): void {
    for (const sockets of Object.values(this.agent.freeSockets))
      for (const socket of sockets ?? [])
        if (this.#elapsed() - (this.#freeSince.get(socket) ?? 0) > LONGEST_IDLE_MS) socket.destroy();
  }

  /** Ends those that wait. */
  endIdle(): void {
    for (const sockets of Object.values(this.agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }
}
