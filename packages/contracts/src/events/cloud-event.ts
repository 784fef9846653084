/** CloudEvents 1.0 in structured JSON, as every message on the bus is. */
import { z } from 'zod';

export const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  /** Unique per event; also the JetStream message id, so that a repeated publish collapses. */
  id: z.string().min(1).max(128),
  /** `/hokusai/<service>/<instance>`. */
  source: z.string().min(1).max(256),
  /** The message's subject without `hokusai.`, e.g. `audit.v1.keys.key.created`. */
  type: z.string().min(1).max(256),
  time: z.iso.datetime({ offset: true, precision: null }),
  datacontenttype: z.literal('application/json'),
  subject: z.string().max(256).optional(),
  traceparent: z.string().max(64).optional(),
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
}): CloudEvent<Data> {
  return {
    specversion: '1.0',
    id: fields.id,
    source: fields.source,
    type: fields.subject.replace(/^hokusai\./, ''),
    time: fields.time.toISOString(),
    datacontenttype: 'application/json',
    data: fields.data,
  };
}
