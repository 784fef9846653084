/** A replica of the keys service as far as followers see it. */
import { services } from '@hokusai/contracts';
import {
  bindService,
  createLogger,
  listenToPostgres,
  startGrpcServer,
  systemClock,
} from '@hokusai/service-kit';
import { grpcAdmission } from '@hokusai/testing';
import { KEY_CHANGES_CHANNEL } from '../../src/domain/channels.ts';
import { followHandler } from '../../src/follow/handler.ts';
import { openChangeFeed } from '../../src/follow/open.ts';

export interface Replica {
  /** `host:port` of its gRPC server. */
  address: string;
  followers(): number;
  close(): Promise<void>;
}

export async function startReplica(databaseUrl: string): Promise<Replica> {
  const logger = createLogger({ service: 'keys', level: 'silent' });
  const { feed, close } = openChangeFeed({ databaseUrl, clock: systemClock, logger });
  const listener = listenToPostgres({
    connectionString: databaseUrl,
    applicationName: 'hokusai-keys-listen',
    channels: { [KEY_CHANGES_CHANNEL]: () => feed.wake() },
    onError: () => {},
  });
  const grpc = await startGrpcServer(
    { host: '127.0.0.1', port: 0, ...grpcAdmission(services.keyValidation) },
    [bindService(services.keyValidation, { Follow: followHandler(feed, () => {}) })],
  );
  return {
    address: `127.0.0.1:${grpc.port}`,
    followers: () => feed.size,
    close: async () => {
      await listener.close();
      await close();
      await grpc.close();
    },
  };
}
