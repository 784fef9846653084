/** What came about in runs of the model: where one of these never did, the model shows nothing of it. */
export type Situation =
  | 'a transaction committed after one with a higher id'
  | 'an answer was out of date when it arrived'
  | 'a request joined a question that was put before it came'
  | 'Redis was read slowly'
  | 'a write to Redis was out of date when it landed'
  | 'Redis was flushed between a change and such a write'
  | 'Redis was restored between a change and such a write'
  | 'Redis got a state back that was out of date'
  | 'one gateway used what the other had written to Redis'
  | 'a new gateway found a state in Redis that was out of date'
  | 'a stream broke with messages on their way'
  | 'a stalled replica went on with what it had seen before'
  | 'a stream was resumed at another replica'
  | 'a tick arrived more than 5 s after its look'
  | 'the epoch changed under a gateway'
  | 'the memory of changes overflowed'
  | 'a gateway was cut off for more than 65 s'
  | 'a state was used that was out of date'
  | 'a state was used in grace'
  | 'a state was used in grace that was out of date';

/** Tells the order of events, and counts what came about. */
export class Chronicle {
  /** Of the event that happens now. */
  step = 0;
  readonly #counts = new Map<Situation, number>();

  note(situation: Situation): void {
    this.#counts.set(situation, this.count(situation) + 1);
  }

  count(situation: Situation): number {
    return this.#counts.get(situation) ?? 0;
  }
}
