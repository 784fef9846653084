/**
 * Questions over an IPC channel, either way: a parent asks its workers for their health and metrics, a worker how the
 * whole is.
 */
import type { HealthReport } from '../health.ts';
import type { MetricSnapshot } from '../telemetry/metrics.ts';

type Question<Topic extends string, Report> = Readonly<Record<Topic, 'ask' | 'answer'>> & {
  id: number;
  report?: Report;
};

export type HealthMessage = Question<'health', HealthReport>;

/** A little more than the checks on the other side may take. */
const ANSWER_LIMIT_MS = 2500;

class QuestionLink<Topic extends string, Report> {
  readonly #topic: Topic;
  readonly #send: (message: Question<Topic, Report>) => void;
  readonly #report: () => Promise<Report>;
  readonly #waiting = new Map<number, (report: Report) => void>();
  readonly #answerLimitMs: number;
  #asked = 0;

  /** `send` must not throw where the other side is gone; `report` is what the other side is answered. */
  constructor(
    topic: Topic,
    send: (message: Question<Topic, Report>) => void,
    report: () => Promise<Report>,
    answerLimitMs = ANSWER_LIMIT_MS,
  ) {
    this.#topic = topic;
    this.#send = send;
    this.#report = report;
    this.#answerLimitMs = answerLimitMs;
  }

  /** What the other side says. Rejects if it doesn't say so in time. */
  async ask(): Promise<Report> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    const limitMs = this.#answerLimitMs;
    const limit = setTimeout(() => reject(new Error(`no answer in ${limitMs} ms`)), limitMs);
    this.#waiting.set(id, resolve);
    this.#send(this.#message('ask', id));
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
    }
  }

  /** Takes what came over the channel; other messages are no concern of it. */
  receive(message: unknown): void {
    if (typeof message !== 'object' || message === null || !(this.#topic in message)) return;
    const question = message as Question<Topic, Report>;
    if (question[this.#topic] === 'answer') this.#waiting.get(question.id)?.(question.report as Report);
    else void this.#answer(question.id);
  }

  async #answer(id: number): Promise<void> {
    this.#send({ ...this.#message('answer', id), report: await this.#report() });
  }

  #message(what: 'ask' | 'answer', id: number): Question<Topic, Report> {
    return { [this.#topic]: what, id } as Question<Topic, Report>;
  }
}

export class HealthLink extends QuestionLink<'health', HealthReport> {
  constructor(
    send: (message: HealthMessage) => void,
    report: () => Promise<HealthReport>,
    answerLimitMs?: number,
  ) {
    super('health', send, report, answerLimitMs);
  }
}

/** A worker that is starting has none. */
export class MetricsLink extends QuestionLink<'metrics', MetricSnapshot[]> {
  constructor(send: (message: object) => void, report: () => Promise<MetricSnapshot[]>) {
    super('metrics', send, report);
  }
}
