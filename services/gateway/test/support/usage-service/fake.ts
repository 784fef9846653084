/** A usage service that has counted the same for everybody, behind real gRPC. */
import { services, unaryHandler } from '@hokusai/contracts';
import { bindService, startGrpcServer } from '@hokusai/service-kit';
import { grpcAdmission } from '@hokusai/testing';
import {
  sentBuckets,
  sentEndpoints,
  sentEntries,
  sentIntegrity,
  sentObserved,
  sentTotals,
  sentUnused,
} from './samples.ts';

/** Lets in whoever has `grpcToken`. */
export async function startFakeUsageService(): Promise<AsyncDisposable & { address: string }> {
  const answering = (answer: object) =>
    unaryHandler(
      () => Promise.resolve(answer),
      () => {},
    );
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, ...grpcAdmission(services.usage) }, [
    bindService(services.usage, {
      GetSummary: answering({ totals: sentTotals }),
      GetTimeSeries: answering({ buckets: sentBuckets }),
      ListEndpoints: answering({ endpoints: sentEndpoints }),
      ListTop: answering({ entries: sentEntries }),
      ListUnusedKeys: answering({ keys: sentUnused, nextCursor: 'more' }),
      ListObserved: answering({ clients: sentObserved }),
      GetIntegrity: answering(sentIntegrity),
    }),
  ]);
  return { address: `127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.close(0) };
}
