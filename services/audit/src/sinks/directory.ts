/** Checkpoints in a directory: a file per month, a line of JSON each, on disk before they count as stored. */
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, checkpointLineOf, parseCheckpointLine } from '@hokusai/audit-chain';
import type { CheckpointSink } from '../domain/checkpoint-ports.ts';

const TAIL_BYTES = 65_536;

/** Made if it is not there, readable by its owner only. */
export function directorySink(directory: string): CheckpointSink {
  return {
    name: `directory:${directory}`,
    store: async (checkpoints) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const [file, some] of Map.groupBy(checkpoints, fileOf))
        await append(join(directory, file), some.map(checkpointLineOf));
      await sync(directory);
    },
    last: async (logId) => {
      for (const file of (await filesIn(directory)).toSorted().reverse()) {
        const found = await lastIn(join(directory, file), logId);
        if (found) return found;
      }
      return undefined;
    },
  };
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => /^checkpoints-\d{4}-\d\d\.jsonl$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Read from the file's end, as far back as it takes: another log may have gone on in it. */
async function lastIn(path: string, logId: string): Promise<Checkpoint | undefined> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  for (let length = Math.min(size, TAIL_BYTES); length > 0; length = Math.min(size, length * 16)) {
    const tail = Buffer.alloc(length);
    await file.read(tail, 0, length, size - length);
    const found = tail
      .toString()
      .split('\n')
      .map(parseCheckpointLine)
      .findLast((one) => one?.logId === logId);
    if (found || length === size) return found;
  }
  return undefined;
}

function fileOf({ signedAt }: Checkpoint): string {
  return `checkpoints-${signedAt.toISOString().slice(0, 7)}.jsonl`;
}

async function append(path: string, lines: readonly string[]): Promise<void> {
  await using file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await file.read(last, 0, 1, size - 1);
  // A line that a crash cut off stays by itself.
  const start = size > 0 && last.toString() !== '\n' ? '\n' : '';
  await file.appendFile(`${start}${lines.join('\n')}\n`);
  await file.sync();
}

/** Of a file's name. */
async function sync(directory: string): Promise<void> {
  await using folder = await open(directory, 'r');
  await folder.sync();
}
