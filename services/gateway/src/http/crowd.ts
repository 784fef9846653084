/**
 * Things that come and go all the time, in the order in which they came; few at a time.
 *
 * Not a Set: one grows by making a new table that the old one refers to, and an old table that outlived two
 * collections of the young generation then keeps all later ones, with whatever was in them, until the next full
 * one. At thousands of requests a second that is most of the work of the garbage collector.
 */
export class Crowd<Member> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    this.#members.push(member);
  }

  /** Of what was added once; false if it was not. */
  delete(member: Member): boolean {
    const members = this.#members;
    const at = members.indexOf(member);
    if (at < 0) return false;
    for (let index = at + 1; index < members.length; index++) members[index - 1] = members[index] as Member;
    members.pop();
    return true;
  }

  /** To be copied by whoever makes members leave. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members[Symbol.iterator]();
  }
}
