/** The places outside of the database that are configured. */
import type { ServiceConfig } from '../config.ts';
import type { CheckpointSink } from '../domain/checkpoint-ports.ts';
import { bucketSink } from './bucket.ts';
import { directorySink } from './directory.ts';

type SinkVariable =
  | 'AUDIT_CHECKPOINT_DIR'
  | `AUDIT_CHECKPOINT_BUCKET_${'URL' | 'REGION'}`
  | `AUDIT_CHECKPOINT_${'ACCESS_KEY_ID' | 'SECRET_ACCESS_KEY'}`;

export function sinksOf(config: Pick<ServiceConfig, SinkVariable>): CheckpointSink[] {
  const { AUDIT_CHECKPOINT_DIR: directory, AUDIT_CHECKPOINT_BUCKET_URL: url } = config;
  const bucket = {
    region: config.AUDIT_CHECKPOINT_BUCKET_REGION,
    accessKeyId: config.AUDIT_CHECKPOINT_ACCESS_KEY_ID ?? '',
    secretAccessKey: config.AUDIT_CHECKPOINT_SECRET_ACCESS_KEY ?? '',
  };
  return [
    ...(directory === undefined ? [] : [directorySink(directory)]),
    ...(url === undefined ? [] : [bucketSink({ url, ...bucket })]),
  ];
}
