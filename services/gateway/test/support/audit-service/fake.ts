/** An audit service that answers everybody the same, behind real gRPC. */
import { HokusaiError, services, streamHandler, unaryHandler } from '@hokusai/contracts';
import { bindService, startGrpcServer } from '@hokusai/service-kit';
import { grpcAdmission } from '@hokusai/testing';
import {
  EVENT_ID,
  sentCheckpoint,
  sentEvent,
  sentExport,
  sentSigner,
  sentTampered,
  sentVerification,
} from './samples.ts';

const ignore = () => {};

/** Lets in whoever has `grpcToken`. Knows one event. */
export async function startFakeAuditService(): Promise<AsyncDisposable & { address: string }> {
  const answering = (answer: object) => unaryHandler(() => Promise.resolve(answer), ignore);
  const getEvent = unaryHandler(async ({ eventId }: { eventId: string }) => {
    const found = await Promise.resolve(eventId === EVENT_ID ? sentEvent : undefined);
    if (!found) throw new HokusaiError('not_found', 'There is no such event.');
    return { event: found };
  }, ignore);
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, ...grpcAdmission(services.audit) }, [
    bindService(services.audit, {
      ListEvents: answering({ events: [sentEvent, sentTampered], nextCursor: 'more' }),
      GetEvent: getEvent,
      ExportEvents: streamHandler(async function* () {
        yield* await Promise.resolve(sentExport);
      }, ignore),
      ListCheckpoints: answering({ checkpoints: [sentCheckpoint], signers: [sentSigner], nextCursor: '' }),
      VerifyChain: answering(sentVerification),
    }),
  ]);
  return { address: `127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.close(0) };
}
