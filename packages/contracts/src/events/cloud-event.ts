/** CloudEvents 1.0 in structured JSON, as every message on the bus is. */
import { z } from 'zod';

export const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z
    .string()
    .min(1)
    .max(128)
    .describe('Unique per event; also the JetStream message id, so that a repeated publish collapses.'),
  source: z.string().min(1).max(256).describe('`/hokusai/<service>/<instance>`.'),
  type: z
    .string()
    .min(1)
    .max(256)
    .describe("The message's subject without `hokusai.`, such as `audit.v1.keys.key.created`."),
  time: z.iso.datetime({ offset: true, precision: null }).describe('When the event came about.'),
  datacontenttype: z.literal('application/json'),
  subject: z.string().max(256).optional(),
  traceparent: z.string().max(64).optional().describe('Of the request behind it (W3C Trace Context).'),
});

export type CloudEvent<Data> = z.infer<typeof cloudEventSchema> & { data: Data };

/** Schema of a CloudEvent that carries `data`. */
export function cloudEventOf<Data extends z.ZodType>(data: Data) {
  return cloudEventSchema.extend({ data });
}

/** An event ready to be sent; `id` and `time` come from the caller. */
export function cloudEvent<Data>(fields: {
  id: string;
  source: string;
  subject: string;
  time: Date;
  data: Data;
  /** Of the request behind it, where that is traced. */
  traceparent?: string | undefined;
}): CloudEvent<Data> {
  return {
    specversion: '1.0',
    id: fields.id,
    source: fields.source,
    type: fields.subject.replace(/^hokusai\./, ''),
    time: fields.time.toISOString(),
    datacontenttype: 'application/json',
    ...(fields.traceparent !== undefined && { traceparent: fields.traceparent }),
    data: fields.data,
  };
}
