/** A model of the Redis that gateways share: now and then slow, emptied, or put back to what it once held. */
import type { CachedKey } from '../../../src/cache/l2.ts';
import type { Chronicle } from './chronicle.ts';
import type { ModelDatabase } from './database.ts';

/** Stands for the process that reads or writes. */
type Writer = object;

interface Entry extends CachedKey {
  writer: Writer;
}

/** A command on its way; `land` carries it out, or delivers its answer. */
interface Command {
  land: () => void;
}

export class ModelRedis {
  /** Commands wait until they land, in any order; otherwise they take no time. */
  isSlow = false;
  readonly #database: ModelDatabase;
  readonly #chronicle: Chronicle;
  readonly #entries = new Map<string, Entry>();
  #saved: ReadonlyMap<string, Entry> = new Map();
  #commands: Command[] = [];
  #flushedAtStep = -1;
  #restoredAtStep = -1;

  constructor(database: ModelDatabase, chronicle: Chronicle) {
    this.#database = database;
    this.#chronicle = chronicle;
  }

  /** The answer is of the time of the question, and may come much later. */
  read(key: string): Promise<Entry | undefined> {
    const entry = this.#entries.get(key);
    if (!this.isSlow) return Promise.resolve(entry);
    this.#chronicle.note('Redis was read slowly');
    return new Promise((resolve) => {
      this.#commands.push({ land: () => resolve(entry) });
    });
  }

  write(key: string, entry: Entry): void {
    const sentAtStep = this.#chronicle.step;
    const land = () => {
      this.#entries.set(key, entry);
      this.#noteWrite(entry, sentAtStep);
    };
    if (this.isSlow) this.#commands.push({ land });
    else land();
  }

  land(choice: number): void {
    const [command] = this.#commands.splice(choice % Math.max(this.#commands.length, 1), 1);
    command?.land();
  }

  save(): void {
    this.#saved = new Map(this.#entries);
  }

  flush(): void {
    this.#entries.clear();
    this.#flushedAtStep = this.#chronicle.step;
  }

  restore(): void {
    this.#entries.clear();
    this.#restoredAtStep = this.#chronicle.step;
    for (const [key, entry] of this.#saved) {
      this.#entries.set(key, entry);
      if (this.#isOutdated(entry)) this.#chronicle.note('Redis got a state back that was out of date');
    }
  }

  #isOutdated({ state }: CachedKey): boolean {
    return this.#database.versionOf(state.keyId) !== state.version;
  }

  #noteWrite(entry: CachedKey, sentAtStep: number): void {
    if (!this.#isOutdated(entry)) return;
    this.#chronicle.note('a write to Redis was out of date when it landed');
    const changedAtStep = this.#database.changedAtStep(entry.state.keyId);
    if (changedAtStep < sentAtStep) return;
    if (this.#flushedAtStep > changedAtStep)
      this.#chronicle.note('Redis was flushed between a change and such a write');
    if (this.#restoredAtStep > changedAtStep)
      this.#chronicle.note('Redis was restored between a change and such a write');
  }
}
