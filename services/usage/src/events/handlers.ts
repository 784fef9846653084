/** What the consumers do with their messages: read them against the schemas, and store them. */
import {
  gatewayAnnouncementEventSchema,
  HokusaiError,
  keyEventEventSchema,
  readUsageBatch,
  SUBJECTS,
} from '@hokusai/contracts';
import { type BusMessage, handleReadable } from '@hokusai/service-kit';
import type { UsageMessage } from '../domain/messages.ts';
import type { IngestStore, KeyProjection } from '../domain/ports.ts';

/** Handler of `usage-ingest`. Messages that no schema accepts keep none beside them from being stored. */
export function ingestHandler<Prepared>({ prepare, store }: IngestStore<Prepared>) {
  return (messages: readonly BusMessage[]): Promise<void> =>
    handleReadable(messages, (message) => prepare(toUsageMessage(message)), store);
}

function toUsageMessage({ subject, data, receivedAt }: BusMessage): UsageMessage {
  switch (subject) {
    case SUBJECTS.usageRequests: {
      const batch = readUsageBatch(data);
      return { kind: 'batch', receivedAt, batch: { ...batch, incarnation: batch.incarnation.toLowerCase() } };
    }
    case SUBJECTS.usageGateways:
      return {
        kind: 'announcement',
        receivedAt,
        announcement: gatewayAnnouncementEventSchema.parse(data).data,
      };
    default:
      throw new HokusaiError('unprocessable', `no meaning is known of the subject ${subject}`);
  }
}

/** Handler of `usage-keys`. */
export function keyEventsHandler(projection: KeyProjection) {
  return (messages: readonly BusMessage[]): Promise<void> =>
    projection.apply(messages.map(({ data }) => keyEventEventSchema.parse(data).data));
}
