/** Asks the same question once at a time, and knows who asked before it was put. */
import { type Clock, type Instant, instantOf } from '../domain/elapsed.ts';

export interface Answer<T> {
  value: T;
  /** When the question was put. */
  askedAt: Instant;
  /** Place of the question among all arrivals and questions. */
  order: number;
}

export class SingleFlight<T> {
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<Answer<T>>>();
  #order = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an arrival. A question of a higher order was put after it, so its answer is no older. */
  arrive(): number {
    this.#order += 1;
    return this.#order;
  }

  /** Puts the question, or joins it if it is being asked. Rejects for all who joined if `put` does. */
  ask(name: string, put: () => Promise<T>): Promise<Answer<T>> {
    const joined = this.#running.get(name);
    if (joined !== undefined) return joined;
    const order = this.arrive();
    const askedAt = instantOf(this.#clock);
    const flight = put()
      .then((value) => ({ value, askedAt, order }))
      .finally(() => this.#running.delete(name));
    this.#running.set(name, flight);
    return flight;
  }
}
