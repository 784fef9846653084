/** A spool's folder in memory, shared by processes that can be killed, on a disk that can fail. */
import type { SpoolAccount, SpoolDirectory, SpoolFolder } from '../../src/events/spool/directory.ts';
import { decodeFile } from '../../src/events/spool/records.ts';
import type { Timers } from '../../src/events/timers.ts';

interface Folder {
  files: Map<number, Buffer>;
  account: SpoolAccount | undefined;
  holder: SpoolProcess | undefined;
}

/** Whoever uses the folder; after `kill` nothing that it has begun comes to an end. */
export interface SpoolProcess {
  isAlive: boolean;
}

/** Longer than anything else: what is done meanwhile must not rely on it. */
const APPEND_MS = 4;

export class MemorySpool {
  readonly folders = new Map<string, Folder>();
  isFull = false;
  /** Of what is being added when its process is killed, so much gets onto the disk: 0 to 1. */
  tornAt = 0;
  readonly #timers: Timers;
  readonly #appending = new Set<{ process: SpoolProcess; file: Buffer; write: (bytes: number) => void }>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  directory(process: SpoolProcess): SpoolDirectory {
    return {
      create: async (incarnation) => {
        await this.#operation(process);
        if (this.isFull) throw new Error('ENOSPC');
        const folder: Folder = { files: new Map(), account: undefined, holder: process };
        this.folders.set(incarnation, folder);
        return this.#view(incarnation, folder, process);
      },
      adopt: async (isKnown) => {
        await this.#operation(process);
        const free = [...this.folders].filter(([name, { holder }]) => !holder && !isKnown(name));
        for (const [, folder] of free) folder.holder = process;
        return free.map(([name, folder]) => this.#view(name, folder, process));
      },
    };
  }

  kill(process: SpoolProcess): void {
    process.isAlive = false;
    for (const one of this.#appending)
      if (one.process === process) one.write(Math.floor(one.file.length * this.tornAt));
    for (const folder of this.folders.values()) if (folder.holder === process) folder.holder = undefined;
  }

  get bytes(): number {
    const files = [...this.folders.values()].flatMap((folder) => [...folder.files.values()]);
    return files.reduce((sum, { length }) => sum + length, 0);
  }

  /** Numbers of an incarnation that can be read. */
  numbersOf(incarnation: string): number[] {
    const files = [...(this.folders.get(incarnation)?.files.values() ?? [])];
    const batches = files.flatMap((file) => decodeFile(file).batches);
    return batches.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
  }

  #view(incarnation: string, folder: Folder, process: SpoolProcess): SpoolFolder {
    const operation = () => this.#operation(process);
    return {
      incarnation,
      list: async () => {
        await operation();
        const numbers = [...folder.files.keys()].toSorted((a, b) => a - b);
        return numbers.map((number) => ({ number, bytes: folder.files.get(number)?.length ?? 0 }));
      },
      append: async (number, bytes, oldBytes) => {
        const old = folder.files.get(number) ?? Buffer.alloc(0);
        if (old.length !== oldBytes) throw new Error(`has ${old.length} bytes, not ${oldBytes}`);
        const file = Buffer.from(bytes);
        const write = (length: number) =>
          folder.files.set(number, Buffer.concat([old, file.subarray(0, length)]));
        const appending = { process, file, write };
        this.#appending.add(appending);
        await this.#operation(process, APPEND_MS);
        this.#appending.delete(appending);
        if (this.isFull) throw new Error('ENOSPC');
        write(file.length);
      },
      read: async (number) => {
        await operation();
        return folder.files.get(number);
      },
      remove: async (number) => {
        await operation();
        folder.files.delete(number);
      },
      readAccount: async () => {
        await operation();
        return folder.account && { ...folder.account };
      },
      writeAccount: async (account) => {
        await operation();
        if (this.isFull) throw new Error('ENOSPC');
        folder.account = { ...account };
      },
      discard: async () => {
        await operation();
        if (folder.files.size === 0) this.folders.delete(incarnation);
        folder.holder = undefined;
      },
      release: () => {
        folder.holder = undefined;
      },
    };
  }

  /** Never comes to an end for who is dead. */
  #operation(process: SpoolProcess, durationMs = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.after(durationMs, () => {
        if (process.isAlive) resolve();
      });
    });
  }
}
