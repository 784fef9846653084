/** Messages that are given up, kept with the reason for whoever looks into it. */
import { deadLetterSubject, HokusaiError } from '@hokusai/contracts';
import type { JsMsg } from '@nats-io/jetstream';

type Publish = (subject: string, payload: Uint8Array, id: string) => Promise<void>;

const REASON_LIMIT = 500;
/** Kept of a message that the broker does not take a second time, a third larger in base64. */
const BEGINNING_BYTES = 64 * 1024;

/** Resolves when the broker has it; throws what `publish` throws. */
export async function publishDeadLetter(
  message: JsMsg,
  durable: string,
  error: unknown,
  publish: Publish,
): Promise<void> {
  const { stream } = message.info;
  const send = (payload: Uint8Array) => {
    const letter = Buffer.from(
      JSON.stringify({ ...describe(message, durable, error), ...contentOf(payload) }),
    );
    return publish(deadLetterSubject(stream), letter, `${durable}:${stream}:${message.seq}`);
  };
  const contentOf = (payload: Uint8Array) => ({
    payload_base64: Buffer.from(payload).toString('base64'),
    ...(payload.length === message.data.length ? {} : { payload_bytes: message.data.length }),
  });
  await send(message.data).catch((failure) => {
    if (!isTooLarge(failure)) throw failure;
    return send(message.data.subarray(0, BEGINNING_BYTES));
  });
}

function describe(message: JsMsg, durable: string, error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    stream: message.info.stream,
    stream_sequence: message.seq,
    subject: message.subject,
    consumer: durable,
    reason: reason.slice(0, REASON_LIMIT),
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof HokusaiError && error.code === 'invalid_request';
}
