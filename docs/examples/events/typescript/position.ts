/** How far each stream was read, in a file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fail, SeenIds } from './bus.ts';

/** The last message that was handled. */
export interface Place {
  sequence: number;
  /** Tells whether the stream is still the same one. */
  stored_at: string;
}

export class Position {
  readonly places: Record<string, Place>;
  readonly seen: SeenIds;
  readonly #file: string;

  /** Of a file that need not be there yet. */
  constructor(file: string) {
    const { streams, recent_ids: ids } = read(file);
    this.places = streams;
    this.seen = new SeenIds(ids);
    this.#file = file;
  }

  /** The file is replaced whole: who is killed meanwhile finds the former one. */
  save(): void {
    const text = JSON.stringify({ streams: this.places, recent_ids: this.seen.list() });
    writeFileSync(`${this.#file}.new`, text);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function read(file: string): { streams: Record<string, Place>; recent_ids: string[] } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { streams: {}, recent_ids: [] };
    return fail(`${file} can't be read: ${error}`);
  }
}
