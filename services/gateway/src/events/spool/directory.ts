/** The spool's folder: a folder in it for each incarnation, which its process holds locked. */
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Lock, tryLock } from './lock.ts';

const accountSchema = z.object({
  /** Name of the gateway, shown to people. */
  gateway: z.string(),
  opened_at: z.iso.datetime(),
  /** Null: its process lives, or ended without a goodbye. */
  closed_at: z.iso.datetime().nullable(),
  /** Highest number given out, as far as it is known; batches in the spool may have higher ones. */
  assigned: z.number(),
  dropped: z.number(),
});
/** What is to be said of an incarnation by whoever sends what it left. */
export type SpoolAccount = z.infer<typeof accountSchema>;

/** The files of one incarnation, locked by this process. */
export interface SpoolFolder {
  readonly incarnation: string;
  /** Files of batches, the oldest first. */
  list(): Promise<{ number: number; bytes: number }[]>;
  /** Adds to a file of `oldBytes` bytes, or makes it. A failure leaves the file as it was, if that can be done. */
  append(number: number, bytes: Uint8Array, oldBytes: number): Promise<void>;
  /** undefined if somebody has removed it. */
  read(number: number): Promise<Buffer | undefined>;
  remove(number: number): Promise<void>;
  /** undefined if there is none that can be read. */
  readAccount(): Promise<SpoolAccount | undefined>;
  writeAccount(account: SpoolAccount): Promise<void>;
  /** Removes the folder, unless it holds batches, and gives up the lock. */
  discard(): Promise<void>;
  /** Gives up the lock: from now on another process may have the folder. */
  release(): void;
}

export interface SpoolDirectory {
  create(incarnation: string): Promise<SpoolFolder>;
  /** Takes over folders whose processes are gone, but for those that are known here. */
  adopt(isKnown: (incarnation: string) => boolean): Promise<SpoolFolder[]>;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const LOCK = 'lock';
const ACCOUNT = 'account.json';
const ACCOUNT_DRAFT = 'account.new';
const INCARNATION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BATCH_FILE = /^(\d{8,})\.batches$/;

export function spoolDirectory(path: string): SpoolDirectory {
  return {
    create: async (incarnation) => {
      await mkdir(path, { recursive: true, mode: FOLDER_MODE });
      // It gets its name when it is locked: else others might take it for an orphan.
      const draft = join(path, `.${incarnation}`);
      await mkdir(draft, { recursive: true, mode: FOLDER_MODE });
      const lock = tryLock(join(draft, LOCK), { create: true });
      if (!lock) throw new Error(`${draft} can't be locked`);
      try {
        await rename(draft, join(path, incarnation));
      } catch (error) {
        lock.release();
        throw error;
      }
      return new LockedFolder(path, incarnation, lock);
    },
    adopt: async (isKnown) => {
      const names = await readdir(path).catch(nothingIfMissing);
      const unknown = names.filter((name) => INCARNATION.test(name) && !isKnown(name));
      const adopted: SpoolFolder[] = [];
      for (const incarnation of unknown) {
        const lock = lockOf(join(path, incarnation));
        if (lock) adopted.push(new LockedFolder(path, incarnation, lock));
        // One whose removal was interrupted has no lock any more, and nothing else.
        else await rmdir(join(path, incarnation)).catch(() => {});
      }
      return adopted;
    },
  };
}

/** undefined as well where locks are of no use, as `create` has told. */
function lockOf(folder: string): Lock | undefined {
  try {
    return tryLock(join(folder, LOCK));
  } catch {
    return undefined;
  }
}

class LockedFolder implements SpoolFolder {
  readonly incarnation: string;
  readonly #path: string;
  readonly #lock: Lock;

  constructor(directory: string, incarnation: string, lock: Lock) {
    this.incarnation = incarnation;
    this.#path = join(directory, incarnation);
    this.#lock = lock;
  }

  async list(): Promise<{ number: number; bytes: number }[]> {
    const names = await readdir(this.#path).catch(nothingIfMissing);
    const numbers = names.flatMap((name) => BATCH_FILE.exec(name)?.[1] ?? []).map(Number);
    return Promise.all(
      numbers
        .toSorted((a, b) => a - b)
        .map(async (number) => ({ number, bytes: (await stat(this.#fileOf(number))).size })),
    );
  }

  async append(number: number, bytes: Uint8Array, oldBytes: number): Promise<void> {
    const file = this.#fileOf(number);
    try {
      await appendFile(file, bytes, { mode: FILE_MODE });
    } catch (error) {
      // Room is scarce then, and what follows half a record could not be read.
      await (oldBytes > 0 ? truncate(file, oldBytes) : rm(file, { force: true })).catch(() => {});
      throw error;
    }
  }

  read(number: number): Promise<Buffer | undefined> {
    return readFile(this.#fileOf(number)).catch(undefinedIfMissing);
  }

  remove(number: number): Promise<void> {
    return rm(this.#fileOf(number), { force: true });
  }

  async readAccount(): Promise<SpoolAccount | undefined> {
    const text = await readFile(join(this.#path, ACCOUNT), 'utf8').catch(undefinedIfMissing);
    try {
      return text === undefined ? undefined : accountSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async writeAccount(account: SpoolAccount): Promise<void> {
    const draft = join(this.#path, ACCOUNT_DRAFT);
    await writeFile(draft, `${JSON.stringify(account)}\n`, { mode: FILE_MODE });
    await rename(draft, join(this.#path, ACCOUNT));
  }

  async discard(): Promise<void> {
    try {
      // What could not be removed has its lock, and whoever comes next.
      if ((await this.list()).length > 0) return;
      // By name: it is not ours to remove whatever else somebody may have put there.
      for (const name of [ACCOUNT_DRAFT, ACCOUNT, LOCK]) await rm(join(this.#path, name), { force: true });
      await rmdir(this.#path).catch(undefinedIfMissing);
    } finally {
      this.release();
    }
  }

  release(): void {
    this.#lock.release();
  }

  #fileOf(number: number): string {
    return join(this.#path, `${String(number).padStart(8, '0')}.batches`);
  }
}

function nothingIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
