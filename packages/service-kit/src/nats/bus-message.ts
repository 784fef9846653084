import { HokusaiError } from '@hokusai/contracts';
import type { JsMsg } from '@nats-io/jetstream';

/** May stand there more than once: a message may carry the work of several requests. */
export const TRACE_HEADER = 'traceparent';

export interface BusMessage {
  subject: string;
  /** The message's JSON, parsed anew each time; read against a schema by the handler. */
  readonly data: unknown;
  /** Position in the stream. */
  readonly streamSequence: number;
  /** When the stream took it, by the broker's clock. */
  readonly receivedAt: Date;
}

export interface DeliveredMessage extends BusMessage {
  /** What it holds, decoded anew each time. */
  readonly text: string;
  /** Of the traced requests behind it, as far as its sender names them (W3C Trace Context); not checked. */
  readonly traceparents: readonly string[];
}

/** What is no JSON shows when the handler asks for `data`. */
export function toBusMessage(message: JsMsg): DeliveredMessage {
  return {
    subject: message.subject,
    get text() {
      return message.string();
    },
    // When it is asked for: a batch is several times as large parsed, and need not be parsed all at once.
    get data() {
      return parseJson(message.string());
    },
    get traceparents() {
      return message.headers?.values(TRACE_HEADER) ?? [];
    },
    get streamSequence() {
      return message.seq;
    },
    get receivedAt() {
      return message.time;
    },
  };
}

/** Throws `unprocessable` for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HokusaiError('unprocessable', 'The message is not JSON.');
  }
}
