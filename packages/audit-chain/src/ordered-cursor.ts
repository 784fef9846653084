/** Walks along numbered items that come in their order, from memory or page by page. */

export class OrderedCursor<Item extends { chainSeq: number }> {
  readonly #items: Iterator<Item> | AsyncIterator<Item>;
  #next: Item | undefined;

  private constructor(items: Iterator<Item> | AsyncIterator<Item>) {
    this.#items = items;
  }

  /** Starts with the first item whose number is not below `first`. */
  static async from<Item extends { chainSeq: number }>(
    items: Iterable<Item> | AsyncIterable<Item>,
    first: number,
  ): Promise<OrderedCursor<Item>> {
    const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    const cursor = new OrderedCursor<Item>(iterator);
    await cursor.advance();
    await cursor.skipBefore(first);
    return cursor;
  }

  /** Number of the next item; Infinity after the last one. */
  get position(): number {
    return this.#next?.chainSeq ?? Number.POSITIVE_INFINITY;
  }

  /** The next item, if its number is not above `last`; `advance` is to be called before the next one. */
  dueAt(last: number): Item | undefined {
    return this.position <= last ? this.#next : undefined;
  }

  async skipBefore(first: number): Promise<void> {
    while (this.position < first) await this.advance();
  }

  async advance(): Promise<void> {
    const former = this.#next;
    const { done, value } = await this.#items.next();
    this.#next = done ? undefined : value;
    if (former && this.#next && this.#next.chainSeq < former.chainSeq)
      throw new RangeError(
        `proofs have to come in the order of their rows, and ${this.#next.chainSeq} came after ${former.chainSeq}`,
      );
  }
}
