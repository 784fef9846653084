/** Which numbers of an incarnation are settled: acknowledged by the broker, or dropped. */

/** Both ends included; empty if `from` is above `to`. */
export interface NumberRange {
  from: number;
  to: number;
}

/** Ranges come in any order, and may come again. */
export class SettledNumbers {
  /** In order, none touching the next. */
  #ranges: NumberRange[] = [];

  /** All numbers up to this one are settled. */
  get upTo(): number {
    const [first] = this.#ranges;
    return first?.from === 1 ? first.to : 0;
  }

  /** False of an empty range. */
  has({ from, to }: NumberRange): boolean {
    return from <= to && this.#ranges.some((range) => range.from <= from && to <= range.to);
  }

  add({ from, to }: NumberRange): void {
    if (to < from) return;
    const before = this.#ranges.filter((range) => range.to < from - 1);
    const after = this.#ranges.filter((range) => range.from > to + 1);
    const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const merged = {
      from: Math.min(from, touched[0]?.from ?? from),
      to: Math.max(to, touched.at(-1)?.to ?? to),
    };
    this.#ranges = [...before, merged, ...after];
  }
}
