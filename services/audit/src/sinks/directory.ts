/** Checkpoints in a directory: a file per month, a line of JSON each, on disk before they count as stored. */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, checkpointLineOf } from '@hokusai/audit-chain';
import type { CheckpointSink } from '../domain/checkpoint-ports.ts';

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
  };
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
