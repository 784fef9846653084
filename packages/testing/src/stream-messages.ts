/** What a stream of the event bus holds. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export interface StreamMessage {
  subject: string;
  /** Parsed JSON. */
  data: unknown;
}

/** The messages of a stream in their order, read as `adminUrl`'s user without a consumer. */
export async function streamMessages(adminUrl: string, stream: string): Promise<StreamMessage[]> {
  const { host, username, password } = new URL(adminUrl);
  const pass = decodeURIComponent(password);
  const connection = await connect({ servers: host, user: decodeURIComponent(username), pass });
  try {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(stream);
    const messages: StreamMessage[] = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
      const message = await streams.getMessage(stream, { seq });
      if (message) messages.push({ subject: message.subject, data: message.json() });
    }
    return messages;
  } finally {
    await connection.close();
  }
}
