import { resolve } from 'node:path';
import type { TransferProgress, TransferredFile } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { Failure, systemCode } from '../../failure.ts';
import { modelName, versionOrAlias } from '../../input/values.ts';
import { bytes, count } from '../../output/quantities.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { withManager } from '../../tracking.ts';
import { leaf, type ResultOptions } from '../command.ts';
import { progressOf } from '../progress.ts';
import { withDestination } from '../result.ts';
import { withJson } from './model-view.ts';

const columns: readonly Column<TransferredFile>[] = [
  { title: 'file', cell: ({ path }) => path, minWidth: 12 },
  { title: 'size', cell: ({ size }) => bytes(size), isNumber: true },
  { title: 'sha-256', cell: ({ sha256 }) => sha256, dispensable: 1 },
];

export function downloadModel(context: Context): Command {
  const command = leaf('download', 'Download the files of a version', [
    'hokusai models download churn @champion ./churn',
    "hokusai models download churn 3 ./churn --json | jq -r '.data[].sha256'",
  ])
    .argument('<name>', "the model's", modelName)
    .argument('<version>', 'by its number, or by @ and its alias', versionOrAlias)
    .argument(
      '<folder>',
      'a folder of this machine, made if it is not there; files of the same name are replaced',
    );
  return withJson(command).action(
    (name: string, version: string, folder: string, options: ResultOptions): Promise<void> =>
      withDestination(context, options, async (destination) => {
        const files = await download(context, command, { name, version, folder });
        const size = files.reduce((sum, file) => sum + file.size, 0);
        await destination.deliver(JSON.stringify({ data: files }), () =>
          renderTable(files, columns, context.terminal.paper),
        );
        const number = `${count(files.length)} ${files.length === 1 ? 'file' : 'files'}`;
        context.terminal.note(`Downloaded ${number}, ${bytes(size)}, into ${folder}.`);
      }),
  );
}

async function download(
  context: Context,
  command: Command,
  { name, version, folder }: { name: string; version: string; folder: string },
): Promise<readonly TransferredFile[]> {
  const progress = progressOf(context.terminal, context.now);
  const onProgress = ({ path, transferred }: TransferProgress) =>
    progress.tell(() => `${path}: ${bytes(transferred)} …`);
  try {
    const files = await withManager(context, command, ({ models }, call) =>
      models.download(name, version, resolve(folder), { ...call, onProgress }),
    );
    return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  } catch (thrown) {
    const code = thrown instanceof Failure ? undefined : systemCode(thrown);
    if (code === undefined) throw thrown;
    throw new Failure('configuration', `${folder} can't be written (${code}).`, {
      advice: ['Name a folder that you may write to, or one that can be made.'],
      cause: thrown,
    });
  } finally {
    progress.end();
  }
}
