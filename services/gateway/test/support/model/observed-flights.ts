import { type Answer, SingleFlight } from '../../../src/cache/single-flight.ts';
import type { Clock } from '../../../src/domain/elapsed.ts';
import type { Chronicle } from './chronicle.ts';

/** Takes note of those who join a question. */
export class ObservedFlights<T> extends SingleFlight<T> {
  readonly #chronicle: Chronicle;

  constructor(clock: Clock, chronicle: Chronicle) {
    super(clock);
    this.#chronicle = chronicle;
  }

  override ask(name: string, put: () => Promise<T>): Promise<Answer<T>> {
    let isPut = false;
    const answer = super.ask(name, () => {
      isPut = true;
      return put();
    });
    if (!isPut) this.#chronicle.note('a request joined a question that was put before it came');
    return answer;
  }
}
