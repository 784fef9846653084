/** A model of the keys database: transactions that commit out of order, snapshots, restarts, restores. */
import type { ReadPoint } from '../../../src/domain/key-state.ts';
import type { Chronicle } from './chronicle.ts';

interface Transaction {
  xid: bigint;
  keyId: string;
  version: bigint;
}

interface Content {
  nextXid: bigint;
  versions: Map<string, bigint>;
  /** The change log: committed rows. */
  log: Transaction[];
}

export interface Look {
  read: ReadPoint;
  trimmedBelow: bigint;
  rows: readonly Transaction[];
}

export interface ModelDatabaseOptions {
  keyIds: readonly string[];
  nowMs: () => number;
  /** `highest` breaks the rule on purpose: the cut is then what was committed last. */
  cutRule: 'xmin' | 'highest';
  chronicle: Chronicle;
}

export class ModelDatabase {
  /** The time that all agree on, ms. */
  readonly nowMs: () => number;
  readonly #cutRule: 'xmin' | 'highest';
  #epochNumber = 1;
  #content: Content;
  #running: Transaction[] = [];
  #backups: Content[] = [];
  #trimmedBelow = 0n;
  /** What each key's version was, from when on. */
  readonly #history = new Map<string, { sinceMs: number; sinceStep: number; version: bigint }[]>();
  readonly #chronicle: Chronicle;

  constructor({ keyIds, nowMs, cutRule, chronicle }: ModelDatabaseOptions) {
    this.nowMs = nowMs;
    this.#cutRule = cutRule;
    this.#chronicle = chronicle;
    this.#content = { nextXid: 100n, versions: new Map(keyIds.map((keyId) => [keyId, 1n])), log: [] };
    for (const keyId of keyIds) this.#note(keyId, 1n);
  }

  read(keyId: string): { version: bigint; read: ReadPoint } {
    return { version: this.versionOf(keyId), read: this.#readPoint() };
  }

  look(from: bigint): Look {
    const rows = this.#content.log.filter(({ xid }) => xid >= from && xid >= this.#trimmedBelow);
    return { read: this.#readPoint(), trimmedBelow: this.#trimmedBelow, rows };
  }

  versionOf(keyId: string): bigint {
    return this.#content.versions.get(keyId) ?? 0n;
  }

  /** Of the event that gave the key its present version. */
  changedAtStep(keyId: string): number {
    return this.#history.get(keyId)?.at(-1)?.sinceStep ?? -1;
  }

  /** True if the key had this version at some time since then. */
  hadSince(keyId: string, version: bigint, sinceMs: number): boolean {
    const history = this.#history.get(keyId) ?? [];
    return history.some((entry, index) => {
      const untilMs = history[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      return entry.version === version && untilMs >= sinceMs;
    });
  }

  /** A change begins; the row lock keeps a second writer of the same key waiting. */
  begin(keyId: string): void {
    if (this.#running.some((transaction) => transaction.keyId === keyId)) return;
    const before = this.versionOf(keyId);
    const now = BigInt(this.nowMs()) * 1000n;
    const version = now > before ? now : before + 1n;
    this.#running.push({ xid: this.#content.nextXid, keyId, version });
    this.#content.nextXid += 1n;
  }

  /** One of the running changes is committed, in any order, or rolled back. */
  finish(choice: number, commits: boolean): void {
    const [transaction] = this.#running.splice(choice % Math.max(this.#running.length, 1), 1);
    if (!transaction || !commits) return;
    if (this.#content.log.some(({ xid }) => xid > transaction.xid))
      this.#chronicle.note('a transaction committed after one with a higher id');
    this.#content.log.push(transaction);
    this.#content.versions.set(transaction.keyId, transaction.version);
    this.#note(transaction.keyId, transaction.version);
  }

  trim(): void {
    const { cut } = this.#readPoint();
    if (cut > this.#trimmedBelow) this.#trimmedBelow = cut;
  }

  backUp(): void {
    const { nextXid, versions, log } = this.#content;
    this.#backups.push({ nextXid, versions: new Map(versions), log: [...log] });
  }

  /** What runs is lost; and everything since a backup, if one is restored. */
  restart(backup: number | undefined): void {
    this.#running = [];
    this.#epochNumber += 1;
    const restored = backup === undefined ? undefined : this.#backups[backup % this.#backups.length];
    if (!restored) return;
    this.#content = { ...restored, versions: new Map(restored.versions), log: [...restored.log] };
    for (const [keyId, version] of restored.versions) this.#note(keyId, version);
  }

  #readPoint(): ReadPoint {
    let cut = this.#content.nextXid;
    if (this.#cutRule === 'xmin') for (const { xid } of this.#running) if (xid < cut) cut = xid;
    return { epoch: `e${this.#epochNumber}`, cut, readAtMs: this.nowMs() };
  }

  #note(keyId: string, version: bigint): void {
    const history = this.#history.get(keyId) ?? [];
    history.push({ sinceMs: this.nowMs(), sinceStep: this.#chronicle.step, version });
    this.#history.set(keyId, history);
  }
}
