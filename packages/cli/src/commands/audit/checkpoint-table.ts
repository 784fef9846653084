/** Checkpoints in memory, of which years have millions: as bytes, not as objects. */
import type { Checkpoint } from '../../audit-chain.ts';

const HASH_BYTES = 32;
const BYTES = HASH_BYTES + 64;
const BLOCK = 4096;

type Owner = Pick<Checkpoint, 'logId' | 'signerId'>;

export class CheckpointTable {
  readonly #rows: number[] = [];
  readonly #times: number[] = [];
  /** Number of log and signer in `#names`. */
  readonly #owners: number[] = [];
  readonly #names: Owner[] = [];
  readonly #blocks: Buffer[] = [];

  add({ chainSeq, signedAt, logId, signerId, hash, signature }: Checkpoint): void {
    const index = this.#rows.push(chainSeq) - 1;
    this.#times.push(signedAt.getTime());
    this.#owners.push(this.#ownerOf(logId, signerId));
    if (index % BLOCK === 0) this.#blocks.push(Buffer.alloc(BLOCK * BYTES));
    const bytes = this.#bytesOf(index);
    bytes.set(hash);
    bytes.set(signature, HASH_BYTES);
  }

  #ownerOf(logId: string, signerId: string): number {
    const known = this.#names.findIndex((one) => one.logId === logId && one.signerId === signerId);
    return known === -1 ? this.#names.push({ logId, signerId }) - 1 : known;
  }

  #bytesOf(index: number): Buffer {
    const start = (index % BLOCK) * BYTES;
    return (this.#blocks[Math.floor(index / BLOCK)] as Buffer).subarray(start, start + BYTES);
  }

  /** By their rows; identical ones once. */
  *inOrder(): Generator<Checkpoint> {
    const order = Uint32Array.from(this.#rows.keys()).sort((a, b) => this.#compare(a, b));
    for (const [place, index] of order.entries())
      if (place === 0 || this.#compare(order[place - 1] as number, index) !== 0) yield this.#at(index);
  }

  #compare(a: number, b: number): number {
    for (const column of [this.#rows, this.#times, this.#owners]) {
      const difference = (column[a] as number) - (column[b] as number);
      if (difference !== 0) return difference;
    }
    return this.#bytesOf(a).compare(this.#bytesOf(b));
  }

  #at(index: number): Checkpoint {
    const bytes = this.#bytesOf(index);
    return {
      ...(this.#names[this.#owners[index] as number] as Owner),
      chainSeq: this.#rows[index] as number,
      signedAt: new Date(this.#times[index] as number),
      hash: bytes.subarray(0, HASH_BYTES),
      signature: bytes.subarray(HASH_BYTES),
    };
  }
}
