/** The export of the log as a stream of records. */
import type { ExportEventsRequest__Output } from '@hokusai/contracts/gen/audit/v1/ExportEventsRequest';
import type { ExportEventsResponse } from '@hokusai/contracts/gen/audit/v1/ExportEventsResponse';
import { asUnavailable } from '@hokusai/service-kit';
import { checkExport } from '../domain/access.ts';
import type { AuditReader, ExportBeginning, LogExport } from '../domain/ports.ts';
import type { AuditReads } from '../domain/reads.ts';
import { isShownTo, shownOf } from '../domain/shown.ts';
import { toCheckpointMessage, toFilter, toMessage, toReader, toSignerMessage } from './messages.ts';
import { readOf } from './read-of.ts';

/** That it was asked for is in the log before its first record is answered. */
export async function* exportEvents(
  call: ExportEventsRequest__Output,
  { store, reads }: { store: AuditReader; reads: AuditReads },
  signal: AbortSignal,
  caller: string,
): AsyncGenerator<ExportEventsResponse> {
  const begun = await reads.during(readOf('export', call, caller), async () => open(call, store, signal));
  yield { header: headerOf(begun) };
  for (const signer of begun.signers) yield { signer: toSignerMessage(signer) };
  const reader = toReader(call.reader);
  let rows = 0;
  try {
    for await (const { row, checkpoint } of begun.parts()) {
      if (checkpoint) {
        yield { checkpoint: toCheckpointMessage(checkpoint) };
        continue;
      }
      const shown = shownOf(row);
      if (!isShownTo(reader, shown)) continue;
      rows += 1;
      yield { event: toMessage(shown, reader) };
    }
  } catch (error) {
    return asUnavailable('audit')(error);
  }
  yield { end: { rows } };
}

function open(
  call: ExportEventsRequest__Output,
  store: AuditReader,
  signal: AbortSignal,
): Promise<LogExport> {
  const filter = toFilter(call.filter);
  const rows = { from: Number(call.fromChainSeq) || null, to: Number(call.toChainSeq) || null };
  const reader = toReader(call.reader);
  checkExport(filter, rows);
  return store.export({ reader, filter, ...rows }, signal).catch(asUnavailable('audit'));
}

function headerOf({ logId, first, last, isSelection, previousHash, base }: ExportBeginning) {
  return {
    logId,
    fromChainSeq: first,
    toChainSeq: last,
    isSelection,
    previousHash: Buffer.from(previousHash),
    base: base && toCheckpointMessage(base),
  };
}
