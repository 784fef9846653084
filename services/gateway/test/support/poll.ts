import { setTimeout as delay } from 'node:timers/promises';

export interface Sighting {
  /** Wall clock. */
  sentAtMs: number;
  status: number;
}

/** What a gateway answers to a key, from when it is asked to look until it is told to stop. */
export class Poll {
  readonly sightings: Sighting[] = [];
  readonly #gatewayUrl: string;
  readonly #key: string;
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(gatewayUrl: string, key: string) {
    this.#gatewayUrl = gatewayUrl;
    this.#key = key;
    this.#running = this.#run();
  }

  /** When the last request was sent that was served; undefined if none was. */
  get lastServedAtMs(): number | undefined {
    return this.sightings.filter(({ status }) => status === 200).at(-1)?.sentAtMs;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const sentAtMs = Date.now();
      this.sightings.push({ sentAtMs, status: await statusOf(this.#gatewayUrl, this.#key) });
      await delay(25);
    }
  }
}

/** Of a request that any working key is served. */
export async function statusOf(gatewayUrl: string, key: string): Promise<number> {
  const answer = await fetch(`${gatewayUrl}/mlflow/api/2.0/mlflow/experiments/search?max_results=1`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await answer.arrayBuffer();
  return answer.status;
}
