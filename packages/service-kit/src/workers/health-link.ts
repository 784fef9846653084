/** Questions about health over an IPC channel, either way: a parent asks its workers, a worker how the whole is. */
import type { HealthReport } from '../health.ts';

export type HealthMessage =
  | { health: 'ask'; id: number }
  | { health: 'answer'; id: number; report: HealthReport };

/** A little more than the checks on the other side may take. */
const ANSWER_LIMIT_MS = 2500;

export class HealthLink {
  readonly #send: (message: HealthMessage) => void;
  readonly #report: () => Promise<HealthReport>;
  readonly #waiting = new Map<number, (report: HealthReport) => void>();
  readonly #answerLimitMs: number;
  #asked = 0;

  /** `send` must not throw where the other side is gone; `report` is what the other side is answered. */
  constructor(
    send: (message: HealthMessage) => void,
    report: () => Promise<HealthReport>,
    answerLimitMs = ANSWER_LIMIT_MS,
  ) {
    this.#send = send;
    this.#report = report;
    this.#answerLimitMs = answerLimitMs;
  }

  /** How the other side is. Rejects if it doesn't say so in time. */
  async ask(): Promise<HealthReport> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<HealthReport>();
    const limitMs = this.#answerLimitMs;
    const limit = setTimeout(() => reject(new Error(`no answer in ${limitMs} ms`)), limitMs);
    this.#waiting.set(id, resolve);
    this.#send({ health: 'ask', id });
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
    }
  }

  /** Takes what came over the channel; other messages are no concern of it. */
  receive(message: unknown): void {
    if (!isHealthMessage(message)) return;
    if (message.health === 'answer') this.#waiting.get(message.id)?.(message.report);
    else void this.#answer(message.id);
  }

  async #answer(id: number): Promise<void> {
    this.#send({ health: 'answer', id, report: await this.#report() });
  }
}

function isHealthMessage(message: unknown): message is HealthMessage {
  return typeof message === 'object' && message !== null && 'health' in message;
}
