/**
 * Answers that wait for their turn. Client networks take turns, and in each of them its connections: whoever
 * sends more waits longer for it, and lets others wait no longer.
 */
import type { Socket } from 'node:net';
import { clientNetwork } from '../domain/client-network.ts';
import type { Exchange } from './exchange.ts';

/** What is to be known of whoever waits. */
export interface Stranger extends Pick<Exchange, 'work'> {
  client: Pick<Exchange['client'], 'clientIp'>;
  incoming: Pick<Exchange['incoming'], 'socket'>;
}

type Answer = () => void;

interface Network {
  /** In the order of their turns. One connection has several where its requests don't wait for each other. */
  readonly connections: Map<Socket, Answer[]>;
  waiting: number;
}

export class StrangerQueue {
  /** In the order of their turns. */
  readonly #networks = new Map<string, Network>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Forgets the answer if the client leaves meanwhile. */
  push(stranger: Stranger, answer: Answer): void {
    const name = clientNetwork(stranger.client.clientIp);
    const { socket } = stranger.incoming;
    const network = this.#networks.get(name) ?? { connections: new Map<Socket, Answer[]>(), waiting: 0 };
    const answers = network.connections.get(socket) ?? [];
    answers.push(answer);
    network.connections.set(socket, answers);
    this.#networks.set(name, network);
    this.#count(network, 1);
    stranger.work = { stop: () => this.#forget(name, socket) };
  }

  /** The one whose turn it is. */
  shift(): Answer | undefined {
    const [[name, network] = []] = this.#networks;
    const [[socket, answers] = []] = network?.connections ?? [];
    if (name === undefined || !network || !socket || !answers) return undefined;
    const answer = answers.shift();
    this.#count(network, -1);
    network.connections.delete(socket);
    if (answers.length > 0) network.connections.set(socket, answers);
    this.#networks.delete(name);
    if (network.waiting > 0) this.#networks.set(name, network);
    return answer;
  }

  /** Closes the connection on which most waits, of the network of which most waits; the last of several. */
  drop(): void {
    const name = largestOf(this.#networks, ({ waiting }) => waiting) ?? '';
    const { connections = new Map<Socket, Answer[]>() } = this.#networks.get(name) ?? {};
    const socket = largestOf(connections, ({ length }) => length);
    if (!socket) return;
    this.#forget(name, socket);
    socket.destroy();
  }

  #forget(name: string, socket: Socket): void {
    const network = this.#networks.get(name);
    const answers = network?.connections.get(socket);
    if (!network || !answers) return;
    network.connections.delete(socket);
    this.#count(network, -answers.length);
    if (network.waiting === 0) this.#networks.delete(name);
  }

  #count(network: Network, more: number): void {
    network.waiting += more;
    this.#size += more;
  }
}

/** The last of several. */
function largestOf<Key, Value>(map: Map<Key, Value>, sizeOf: (value: Value) => number): Key | undefined {
  let largest: Key | undefined;
  let most = 0;
  map.forEach((value, key) => {
    if (sizeOf(value) < most) return;
    largest = key;
    most = sizeOf(value);
  });
  return largest;
}
