import { type Command, InvalidArgumentError, Option } from 'commander';
import { verificationSchema } from '../../api/audit-schemas.ts';
import type { ApiClient } from '../../api/client.ts';
import { ExportFormatError, linesOf, verifyExport } from '../../audit-chain.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { count } from '../../output/quantities.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { type Progress, progressOf } from '../progress.ts';
import { withDestination } from '../result.ts';
import { EXPORT, JSON_LINES, VERIFY } from './addresses.ts';
import { row } from './options.ts';
import { fileLines, type KeptWitnesses, readCheckpoints, readWitnesses } from './proofs.ts';
import {
  type Findings,
  findingsDetails,
  findingsJson,
  findingsOf,
  findingsOfServer,
  judge,
} from './report.ts';

interface Options extends ResultOptions {
  file?: string;
  onServer?: true;
  checkpoints?: string;
  publicKey?: Uint8Array[];
  fromRow?: number;
  toRow?: number;
  strict?: true;
}

/** As long as the audit service takes. */
const ON_SERVER_TIMEOUT_MS = 31 * 60_000;
const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/;

export function verify(context: Context): Command {
  const command = leaf('verify', 'Recompute the log, and name the first row that is not as it was', [
    'hokusai audit verify --checkpoints /mnt/kept/checkpoints --public-key A0pMsF…',
    'hokusai audit verify --file audit.jsonl --public-key A0pMsF… --strict',
  ])
    .option('--file <export>', 'an export, without asking any server')
    .addOption(
      new Option('--on-server', 'let the server recompute it, and believe it').conflicts([
        ...['file', 'checkpoints', 'publicKey'],
      ]),
    )
    .option('--checkpoints <folder>', 'compare with the files that were kept outside of the log')
    .option('--public-key <base64url>', 'a key that is known to sign the log; may be repeated', publicKey)
    .addOption(new Option('--from-row <number>', 'from this row on').argParser(row).conflicts('file'))
    .addOption(new Option('--to-row <number>', 'up to this row').argParser(row).conflicts('file'))
    .option('--strict', 'exit with 11 where anything is not shown, such as by an unknown signer');
  command.addHelpText(
    'after',
    '\nExit codes: 0 intact, 12 broken, 11 no fault found but the proof is not complete.\nOnline, the export is recomputed here and compared with what the keys service has kept.',
  );
  return withResultOptions(command).action(async (options: Options) => {
    await withDestination(context, options, async (destination) => {
      const findings = await find(context, command, options);
      await destination.deliver(findingsJson(findings), () =>
        findingsDetails(findings, context.terminal.paper),
      );
      judge(findings, { isStrict: options.strict ?? false, isPart: options.fromRow !== undefined });
    });
  });
}

async function find(context: Context, command: Command, options: Options): Promise<Findings> {
  const progress = progressOf(context.terminal, context.now);
  try {
    if (options.file !== undefined) return await verifyFile(context, options.file, options, progress);
    const client = await context.connect(command);
    if (options.onServer) return await verifyOnServer(client, options);
    return await verifyOnline(context, client, options, progress);
  } catch (error) {
    if (error instanceof ExportFormatError) throw new Failure('broken', error.message, { cause: error });
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('configuration', `The proofs can't be used: ${error.message}`, { cause: error });
  } finally {
    progress.end();
  }
}

async function verifyFile(
  context: Context,
  file: string,
  options: Options,
  progress: Progress,
): Promise<Findings> {
  // The log has gone on since it was exported.
  const proofs = { ...(await proofsOf(context, options)), isOlder: true };
  return findingsOf(await verifyExport(telling(fileLines(file), progress), proofs), null);
}

async function verifyOnline(
  context: Context,
  client: ApiClient,
  options: Options,
  progress: Progress,
): Promise<Findings> {
  // Before the export begins: whatever was kept by then has to be in it.
  const proofs = await proofsOf(context, options);
  const witnesses = await witnessesUnlessForbidden(context, client, progress);
  const query = { from_chain_seq: options.fromRow, to_chain_seq: options.toRow };
  const lines = linesOf(client.stream({ path: EXPORT, query, accept: JSON_LINES }));
  const report = await verifyExport(telling(lines, progress), {
    ...proofs,
    ...(witnesses && { witnesses }),
    ...(options.toRow !== undefined && { upToChainSeq: options.toRow }),
  });
  return findingsOf(report, witnesses?.count ?? null);
}

async function verifyOnServer(client: ApiClient, { fromRow, toRow }: Options): Promise<Findings> {
  const body = { from_chain_seq: fromRow, to_chain_seq: toRow };
  const request = { method: 'POST', path: VERIFY, body, timeoutMs: ON_SERVER_TIMEOUT_MS } as const;
  const { value } = await client.send(verificationSchema, request);
  return findingsOfServer(value);
}

async function proofsOf({ terminal }: Context, { publicKey: pinned = [], checkpoints: folder }: Options) {
  if (folder === undefined) return { pinned };
  const checkpoints = await readCheckpoints(folder);
  const { damaged } = checkpoints;
  if (damaged > 0)
    terminal.warn(
      `Passed over in ${folder}: ${count(damaged)} ${damaged === 1 ? 'line that is' : 'lines that are'} no checkpoint, such as a crash leaves.`,
    );
  return { pinned, checkpoints };
}

/** A member may verify what they may see. */
async function witnessesUnlessForbidden(
  { terminal }: Context,
  client: ApiClient,
  progress: Progress,
): Promise<KeptWitnesses | undefined> {
  try {
    return await readWitnesses(client, (known) => progress.tell(() => `${count(known)} witnesses …`));
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'forbidden')) throw error;
    terminal.warn('What the keys service has kept is for admins: it is not compared.');
    return undefined;
  }
}

async function* telling(lines: AsyncIterable<string>, progress: Progress): AsyncGenerator<string> {
  let seen = 0;
  for await (const line of lines) {
    seen += 1;
    progress.tell(() => `${count(seen)} lines verified …`);
    yield line;
  }
}

function publicKey(text: string, before: readonly Uint8Array[] = []): Uint8Array[] {
  if (PUBLIC_KEY.test(text)) return [...before, Buffer.from(text, 'base64url')];
  throw new InvalidArgumentError('Expected the 32 bytes of a public key in base64url (43 characters).');
}
