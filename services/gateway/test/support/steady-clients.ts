/** Clients that send one request after the other, and take note of each that fails. */
import { Agent, type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface ClientBehaviour {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Between an answer and the next request, from its number. */
  pauseMs?: (number: number) => number;
  /** A new connection for each request; otherwise one is kept as long as the server lets it. */
  isForgetful?: boolean;
}

export interface SteadyClients {
  readonly answered: number;
  readonly failures: string[];
  /** How many connections have been opened. */
  readonly connections: number;
  /** Lets each finish its request. */
  stop(): Promise<void>;
}

/**
 * Starts clients that repeat nothing by themselves, unlike most libraries: a request that is lost fails.
 * Anything but a 200 with a whole body is a failure.
 */
export function startClients(port: number, behaviours: readonly ClientBehaviour[]): SteadyClients {
  const tally = { answered: 0, failures: [] as string[], connections: 0 };
  let isStopping = false;
  const run = async (behaviour: ClientBehaviour) => {
    const { isForgetful = false, pauseMs = () => 0, method, path } = behaviour;
    const agent = new Agent({ keepAlive: !isForgetful, maxSockets: 1 });
    for (let number = 0; !isStopping; number += 1) {
      try {
        await exchange(port, agent, behaviour, () => {
          tally.connections += 1;
        });
        tally.answered += 1;
      } catch (error) {
        tally.failures.push(`${method} ${path}: ${(error as Error).message}`);
      }
      await delay(pauseMs(number));
    }
    agent.destroy();
  };
  const running = behaviours.map(run);
  return {
    get answered() {
      return tally.answered;
    },
    get connections() {
      return tally.connections;
    },
    failures: tally.failures,
    stop: async () => {
      isStopping = true;
      await Promise.all(running);
    },
  };
}

function exchange(
  port: number,
  agent: Agent,
  { method, path, headers = {}, body }: ClientBehaviour,
  onConnection: () => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent: ClientRequest = request({ port, host: '127.0.0.1', agent, method, path, headers });
  const fail = (error: Error) => reject(new Error(`${error.message} (reused: ${sent.reusedSocket})`));
  sent.on('error', fail);
  sent.on('socket', () => {
    if (!sent.reusedSocket) onConnection();
  });
  sent.on('response', (response) => {
    response.on('error', fail);
    response.on('end', () => {
      if (response.statusCode === 200 && response.complete) resolve();
      else fail(new Error(`status ${response.statusCode}`));
    });
    response.resume();
  });
  sent.end(body);
  return promise;
}
