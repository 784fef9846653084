/** All that is published while a test runs. */
import { connect } from '@nats-io/transport-node';

export interface PublishedMessage {
  subject: string;
  /** JSON, as it was sent. */
  text: string;
}

export interface BusListener {
  /** Oldest first; grows. */
  messages: readonly PublishedMessage[];
  close(): Promise<void>;
}

/** Listens, as `adminUrl`'s user, to every subject of ours from now on, whether or not a stream keeps it. */
export async function listenToBus(adminUrl: string): Promise<BusListener> {
  const { host, username, password } = new URL(adminUrl);
  const pass = decodeURIComponent(password);
  const connection = await connect({ servers: host, user: decodeURIComponent(username), pass });
  const messages: PublishedMessage[] = [];
  connection.subscribe('hokusai.>', {
    callback: (error, message) => {
      if (!error) messages.push({ subject: message.subject, text: message.string() });
    },
  });
  await connection.flush();
  return { messages, close: () => connection.close() };
}
