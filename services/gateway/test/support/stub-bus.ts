/** A broker in memory that fails as it is told to, and collapses repeated message ids as JetStream does. */
import type { CloudEvent } from '@hokusai/contracts';

export type Outcome = 'stored' | 'refused' | 'stored, acknowledgement lost';

export interface Attempt {
  subject: string;
  id: string;
  text: string;
  traceparents: readonly string[];
}

export class StubBus {
  readonly attempts: Attempt[] = [];
  readonly #stored = new Map<string, Attempt>();
  /** How the next publish ends; stored if it says nothing else. */
  outcome: (attempt: Attempt) => Outcome | Promise<Outcome> = () => 'stored';

  async publish(
    subject: string,
    payload: Uint8Array,
    id: string,
    traceparents: readonly string[] = [],
  ): Promise<void> {
    const attempt = { subject, id, text: Buffer.from(payload).toString(), traceparents };
    this.attempts.push(attempt);
    const outcome = await this.outcome(attempt);
    if (outcome !== 'refused' && !this.#stored.has(id)) this.#stored.set(id, attempt);
    if (outcome !== 'stored') throw new Error(outcome);
  }

  /** Data of the stored events of a subject, in the order of their arrival. */
  stored<Data>(subject: string): Data[] {
    return this.events<Data>(subject).map(({ data }) => data);
  }

  events<Data>(subject: string): CloudEvent<Data>[] {
    return [...this.#stored.values()]
      .filter((attempt) => attempt.subject === subject)
      .map(({ text }) => JSON.parse(text) as CloudEvent<Data>);
  }
}
