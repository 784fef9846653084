/**
 * Spans of what a consumer does with messages that belong to traces, as OpenTelemetry's conventions for messaging have
 * it: of the kind consumer, named `process` and where the message came from, and linked to what sent it.
 */
import { withinTrace } from '@hokusai/contracts';
import { isSampled, type TraceSpan, type Tracing } from '../telemetry/tracing.ts';
import type { DeliveredMessage } from './bus-message.ts';
import { UnreadableMessages } from './unreadable.ts';

type Handle = (messages: readonly DeliveredMessage[]) => Promise<void>;

/** Of one batch: where every request is traced, it is handled no slower for that. */
const MAX_SPANS = 32;

/**
 * Each traced message of a batch has a span in the trace that it comes from, from the batch's beginning to its end.
 * Statements belong to all of them: they stand in the first one's trace, to which the others are linked. Where nothing is
 * traced, the batches are handled as they are.
 */
export function traceBatches(tracing: Tracing | undefined, consumer: string, handle: Handle): Handle {
  if (!tracing) return handle;
  return async (messages) => {
    const spans = startSpans(tracing, consumer, messages);
    const [first] = spans;
    if (!first) return handle(messages);
    let failure: unknown;
    try {
      await withinTrace(first.span.traceparent, () => handle(messages));
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      for (const { span, index } of spans) span.end({ hasFailed: hasFailed(index, failure) });
    }
  };
}

interface MessageSpan {
  span: TraceSpan;
  /** Place of the message in the batch. */
  index: number;
}

function startSpans(
  tracing: Tracing,
  consumer: string,
  messages: readonly DeliveredMessage[],
): MessageSpan[] {
  const spans: MessageSpan[] = [];
  for (const [index, { subject, traceparents }] of messages.entries())
    for (const sender of traceparents) {
      if (spans.length >= MAX_SPANS) return spans;
      if (!isSampled(sender)) continue;
      const attributes = {
        'messaging.system': 'nats',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': subject,
        'messaging.consumer.group.name': consumer,
        'messaging.batch.message_count': messages.length,
      };
      const [first] = spans;
      const links = first ? [sender, first.span.traceparent] : [sender];
      spans.push({ span: tracing.start('consumer', `process ${subject}`, sender, attributes, links), index });
    }
  return spans;
}

function hasFailed(index: number, failure: unknown): boolean {
  return failure instanceof UnreadableMessages ? failure.problems.has(index) : failure !== undefined;
}
