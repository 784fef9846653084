/**
 * Reads batches of usage at the rate at which they come. It accepts just what `usageBatchEventSchema` does, with
 * parsers compiled from the same schemas, and stops at the first entry that is wrong: a message with a hundred
 * thousand of them, or one of wrong ones only, costs no more than one with a single one.
 */
import { z } from 'zod';
import { unprocessable } from '../errors.ts';
import { cloudEventOf } from './cloud-event.ts';
import {
  anonymousRefusalSchema,
  batchSchemaOf,
  observedRefusalSchema,
  type UsageBatch,
  usageRequestSchema,
} from './usage.ts';

const message = z.compile(cloudEventOf(batchSchemaOf(z.unknown(), z.unknown(), z.unknown())));
const usageRequest = z.compile(usageRequestSchema);
const anonymousRefusal = z.compile(anonymousRefusalSchema);
const observedRefusal = z.compile(observedRefusalSchema);

/** The batch in a message's JSON. Throws `unprocessable`, which names what is wrong where. */
export function readUsageBatch(json: unknown): UsageBatch {
  const { data } = read(message, json, '');
  const { from, to } = data;
  if (to - from + 1 !== data.requests.length)
    throw problem('data', 'from … to must number the requests exactly');
  const requests = data.requests.map((request, index) => {
    const path = `data.requests[${index}]`;
    const parsed = read(usageRequest, request, path);
    if (parsed.sequence === from + index) return parsed;
    throw problem(path, 'requests must be numbered consecutively from `from`');
  });
  const refusals = data.refusals.map((refusal, index) =>
    read(anonymousRefusal, refusal, `data.refusals[${index}]`),
  );
  const observed = data.observed?.map((refusal, index) =>
    read(observedRefusal, refusal, `data.observed[${index}]`),
  );
  const { observed: _, ...rest } = data;
  return { ...rest, requests, refusals, ...(observed && { observed }) };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, path: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw problem([path, ...(issue?.path ?? [])].filter((part) => part !== '').join('.'), issue?.message ?? '');
}

function problem(path: string, message: string): Error {
  return unprocessable([{ path, message }], { what: 'The batch of usage can not be read' });
}
