/** What a stream of the event bus holds, and what a consumer has not settled of it. */
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export interface StreamMessage {
  subject: string;
  /** Parsed JSON. */
  data: unknown;
}

/** The messages of a stream in their order, read as `adminUrl`'s user without a consumer. */
export function streamMessages(adminUrl: string, stream: string): Promise<StreamMessage[]> {
  return withManager(adminUrl, async ({ streams }) => {
    const { state } = await streams.info(stream);
    const messages: StreamMessage[] = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
      const message = await streams.getMessage(stream, { seq });
      if (message) messages.push({ subject: message.subject, data: message.json() });
    }
    return messages;
  });
}

/** How many messages a consumer has not acknowledged: those on their way to it, and those that are yet to be sent. */
export function consumerBacklog(
  adminUrl: string,
  { stream, durable }: { stream: string; durable: string },
): Promise<number> {
  return withManager(adminUrl, async ({ consumers }) => {
    const { num_pending, num_ack_pending } = await consumers.info(stream, durable);
    return num_pending + num_ack_pending;
  });
}

async function withManager<Result>(
  adminUrl: string,
  work: (manager: JetStreamManager) => Promise<Result>,
): Promise<Result> {
  const { host, username, password } = new URL(adminUrl);
  const pass = decodeURIComponent(password);
  const connection = await connect({ servers: host, user: decodeURIComponent(username), pass });
  try {
    return await work(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}
