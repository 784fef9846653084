/** A model of the keys database: transactions that commit out of order, snapshots, a log that is cut, restarts. */
import type { LoggedChange, Look } from '../../../src/follow/follower.ts';

interface Transaction {
  xid: bigint;
  key: string;
  version: bigint;
  begunAt: number;
}

export interface CommittedRow extends LoggedChange {
  begunAt: number;
  committedAt: number;
}

export interface Entry {
  version: bigint;
  epoch: string;
  cut: bigint;
}

/** Times are in any unit: the model's steps, or milliseconds. */
export class ModelDatabase {
  epochNumber = 1;
  nextXid = 100n;
  version = 1n;
  trimmedBelow = 0n;
  running: Transaction[] = [];
  rows: CommittedRow[] = [];
  /** Cuts of the past, at which the log may be trimmed. */
  pastCuts: bigint[] = [];

  get epoch(): string {
    return `epoch-${this.epochNumber}`;
  }

  get cut(): bigint {
    return sorted([...this.running.map(({ xid }) => xid), this.nextXid])[0] as bigint;
  }

  /** The row lock on the key keeps a second writer waiting. */
  begin(key: string, at: number): void {
    if (this.running.some((transaction) => transaction.key === key)) return;
    this.version += 1n;
    this.running.push({ xid: this.nextXid, key, version: this.version, begunAt: at });
    this.nextXid += 1n;
  }

  /** One that runs is committed, in any order, or rolled back. */
  finish(index: number, at: number, commits: boolean): CommittedRow | undefined {
    const [transaction] = this.running.splice(index % Math.max(this.running.length, 1), 1);
    if (!transaction || !commits) return undefined;
    const { xid, key: keyId, version, begunAt } = transaction;
    const row = { xid, keyId, version, begunAt, committedAt: at };
    this.rows.push(row);
    return row;
  }

  read(key: string): Entry {
    const versions = this.rows.filter(({ keyId }) => keyId === key).map(({ version }) => version);
    return { version: sorted(versions).at(-1) ?? 0n, epoch: this.epoch, cut: this.cut };
  }

  look(from: bigint | undefined): Look {
    const { epoch, cut, trimmedBelow } = this;
    const start = from !== undefined && from < cut ? from : cut;
    const changes = this.rows.filter(({ xid }) => xid >= start && xid >= trimmedBelow);
    this.pastCuts.push(cut);
    return { epoch, cut, readAt: new Date(0), trimmedBelow, changes };
  }

  trim(index: number): void {
    const cut = this.pastCuts[index % Math.max(this.pastCuts.length, 1)];
    if (cut !== undefined && cut > this.trimmedBelow) this.trimmedBelow = cut;
  }

  /** A restart loses what runs; a restore also the last commits, while versions still rise. */
  restart(lostRows: number): void {
    this.running = [];
    this.epochNumber += 1;
    this.rows.splice(this.rows.length - lostRows, lostRows);
    this.pastCuts = [];
    this.nextXid = lostRows > 0 ? (this.rows.at(-1)?.xid ?? 99n) + 1n : this.nextXid;
    if (lostRows > 0) this.trimmedBelow = 0n;
  }
}

export function sorted(numbers: readonly bigint[]): bigint[] {
  return numbers.toSorted((left, right) => Number(left - right));
}
