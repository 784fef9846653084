export interface BusMessage {
  subject: string;
  /** The message's JSON, parsed anew each time; read against a schema by the handler. */
  readonly data: unknown;
  /** Position in the stream. */
  streamSequence: number;
  /** When the stream took it, by the broker's clock. */
  receivedAt: Date;
}
