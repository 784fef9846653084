/** Messages that wait for the broker's acknowledgement, oldest first, within a bound. */

export interface OutgoingMessage {
  subject: string;
  /** Stays the same over every attempt, so that a repetition collapses. */
  id: string;
  payload: Uint8Array;
  /** What it counts towards the buffer's bound: the number of events in it, at least 1. */
  weight: number;
  /** Of traced requests behind it, a few. */
  traceparents?: readonly string[];
}

interface Entry<Message> {
  message: Message;
  handedOut: boolean;
}

/** Holds messages of `maxWeight` in all; beyond that the oldest give way, except those handed out. */
export class MemoryBuffer<Message extends OutgoingMessage> {
  readonly #maxWeight: number;
  /** In the order of adding; what is handed out stands near the front. */
  #entries: Entry<Message>[] = [];
  #weight = 0;

  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  /** Messages in the buffer, those handed out included. */
  get size(): number {
    return this.#entries.length;
  }

  /** Adds the newest message; returns those that had to give way for it, oldest first. */
  add(message: Message): Message[] {
    this.#entries.push({ message, handedOut: false });
    this.#weight += message.weight;
    const dropped: Message[] = [];
    while (this.#weight > this.#maxWeight) {
      const index = this.#entries.findIndex(({ handedOut }) => !handedOut);
      if (index === -1) break;
      dropped.push(this.#removeAt(index));
    }
    return dropped;
  }

  /** Hands out the oldest message that is not handed out. */
  next(): Message | undefined {
    const entry = this.#entries.find(({ handedOut }) => !handedOut);
    if (entry) entry.handedOut = true;
    return entry?.message;
  }

  /** Takes back what `next` handed out, to its place. */
  giveBack(message: Message): void {
    const entry = this.#entries.find((one) => one.message === message);
    if (entry) entry.handedOut = false;
  }

  /** Forgets what `next` handed out. */
  remove(message: Message): void {
    const index = this.#entries.findIndex((one) => one.message === message);
    if (index !== -1) this.#removeAt(index);
  }

  /** Empties the buffer; returns what was in it, handed out or not. */
  clear(): Message[] {
    const messages = this.#entries.map(({ message }) => message);
    this.#entries = [];
    this.#weight = 0;
    return messages;
  }

  #removeAt(index: number): Message {
    const [entry] = this.#entries.splice(index, 1) as [Entry<Message>];
    this.#weight -= entry.message.weight;
    return entry.message;
  }
}
