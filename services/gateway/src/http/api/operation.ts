/** One operation of the API: its route, its checks, its answer and its description are all made from this. */
import { HokusaiError, type Violation } from '@hokusai/contracts';
import type { Idempotency } from '@hokusai/contracts/gen/keys/v1/Idempotency';
import type { Scope } from '@hokusai/contracts/scopes';
import { z } from 'zod';
import type { Exchange } from '../exchange.ts';
import type { Method } from './addresses.ts';
import { actingKeyOf } from './caller.ts';
import { idempotencyOf } from './idempotency.ts';
import { readQuery } from './query.ts';
import { invalidValues, violationsOf } from './request.ts';
import { untilEnd } from './until-end.ts';

/** What the OpenAPI document tells of an operation. */
export interface Description {
  /** Unique, in camel case: what generated clients call it. */
  id: string;
  method: Method;
  /** As in OpenAPI: `/api/v1/auth/keys/{id}`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** What a key needs; null: any that works; 'none': no key. */
  scope: Scope | null | 'none';
  /** It costs the key nothing. */
  isFree?: true;
  /** Idempotency-Key makes its repetition safe. */
  isRepeatable?: true;
  /** It may find that things have changed meanwhile. */
  mayConflict?: true;
}

interface Schemas<Path, Query, Body, Answer> {
  /** What is in the path; what it can't be is simply not there. */
  pathParameters?: Path;
  query?: Query;
  /** Absent: a body is refused. */
  body?: Body;
  answer: { status: 200 | 201; schema: Answer; description: string; mediaType?: string };
}

/** What came with a request, unchecked. */
export interface Given {
  query: unknown;
  body: unknown;
}

/** A request that is allowed so far, with what it came with as the schemas have it. */
export interface Asked<Path, Query, Body> {
  exchange: Exchange;
  path: Path;
  query: Query;
  body: Body;
  idempotency: Idempotency | null;
}

interface Spec<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Description,
    Schemas<Path, Query, Body, Answer> {
  /** Throws HokusaiError. */
  serve(asked: Asked<z.infer<Path>, z.infer<Query>, z.infer<Body>>): Promise<z.input<Answer>>;
  /**
   * What breaks those rules that no schema of one field tells: they are about several fields or about the time,
   * which is `now`. Asked where the schemas refuse the request, so that all that is wrong is named at once.
   * Elsewhere the service behind judges by the same rules: it knows of a first request that this one repeats, and
   * of what is asked for but stays as it was, and writes into the audit log what it refuses.
   */
  alsoWrong?(given: Given, now: Date): Violation[];
  /** The answer as a table, for whoever asks for `text/csv`. Its query has the parameter `format`. */
  csv?(answer: z.infer<Answer>): string;
  /** Where what was made is found, below the API's address. */
  location?(answer: z.infer<Answer>): string;
}

/** A request as it came in. */
export interface RawRequest {
  /** Decoded. */
  path: Readonly<Record<string, string>>;
  /** Undecoded, without the `?`. */
  rawQuery: string;
  body: unknown;
  /** What the header Accept says. */
  prefersCsv?: boolean;
}

export interface OperationAnswer {
  status: number;
  json: unknown;
  /** In place of the JSON. */
  csv: string | undefined;
  /** In place of both: a line of JSON for each. */
  records?: AsyncIterable<object>;
  /** Without the prefix of a proxy. */
  location: string | undefined;
}

export interface Operation extends Description, Schemas<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType> {
  /** The answer is to be had as CSV too. */
  hasCsv: boolean;
  /** Checks the request, serves it, and checks the answer: what does not fit its schema goes out to nobody. */
  run(exchange: Exchange, request: RawRequest): Promise<OperationAnswer>;
}

const NOTHING = z.strictObject({});
/** https://jsonlines.org */
export const JSON_LINES = 'application/jsonl';

export function operation<
  Answer extends z.ZodType,
  Path extends z.ZodObject = typeof NOTHING,
  Query extends z.ZodObject = typeof NOTHING,
  Body extends z.ZodType = typeof NOTHING,
>(spec: Spec<Path, Query, Body, Answer>): Operation {
  const { serve, location, csv, ...rest } = spec;
  return {
    ...rest,
    hasCsv: csv !== undefined,
    run: async (exchange, { path, rawQuery, body, prefersCsv = false }) => {
      const idempotency = spec.isRepeatable
        ? idempotencyOf(exchange.incoming, routeOf(spec, path), body)
        : null;
      const given = { query: readQuery(rawQuery), body };
      const asked = { path: pathOf(spec, path), ...checked(spec, exchange, given) };
      const answer = spec.answer.schema.parse(await serve({ exchange, idempotency, ...asked }));
      const { format = prefersCsv ? 'csv' : 'json' } = asked.query as { format?: string };
      return {
        status: spec.answer.status,
        json: answer,
        csv: format === 'csv' ? csv?.(answer) : undefined,
        location: location?.(answer),
      };
    },
  };
}

interface RecordsSpec<Query extends z.ZodObject, Record extends z.ZodType>
  extends Description,
    Pick<Schemas<z.ZodObject, Query, z.ZodType, Record>, 'query'>,
    Pick<Spec<z.ZodObject, Query, z.ZodType, Record>, 'alsoWrong'> {
  /** `schema`: of one record. */
  answer: { schema: Record; description: string };
  /** Ends what it reads when the signal aborts: nobody reads on, or the request may not go on. */
  records(
    asked: Asked<Empty, z.infer<Query>, Empty>,
    signal: AbortSignal,
  ): AsyncIterable<z.input<Record> & object>;
}

type Empty = z.infer<typeof NOTHING>;

/**
 * An operation that answers with JSON Lines, of any length. Its records are not held against their schema: there
 * may be millions of them.
 */
export function recordsOperation<Query extends z.ZodObject, Record extends z.ZodType>(
  spec: RecordsSpec<Query, Record>,
): Operation {
  const { records, answer, ...rest } = spec;
  const list = z.array(answer.schema);
  return {
    ...rest,
    answer: { status: 200, schema: list, description: answer.description, mediaType: JSON_LINES },
    hasCsv: false,
    run: (exchange, { rawQuery, body }) => {
      const values = checked<Query, typeof NOTHING>(spec, exchange, { query: readQuery(rawQuery), body });
      const asked = { exchange, idempotency: null, path: {}, ...values };
      const answered = { status: 200, json: undefined, csv: undefined, location: undefined };
      return Promise.resolve({ ...answered, records: records(asked, untilEnd(exchange)) });
    },
  };
}

/** Query and body as their schemas have them. Throws `unprocessable` with all that is wrong with both. */
function checked<Query extends z.ZodObject, Body extends z.ZodType>(
  spec: { query?: Query; body?: Body; alsoWrong?(given: Given, now: Date): Violation[] },
  exchange: Exchange,
  given: Given,
): { query: z.infer<Query>; body: z.infer<Body> } {
  const query = (spec.query ?? NOTHING).safeParse(given.query);
  const body = (spec.body ?? NOTHING).safeParse(given.body);
  const violations = [query, body].flatMap(({ error }) => (error ? violationsOf(error) : []));
  if (violations.length > 0) {
    const more = spec.alsoWrong?.(given, new Date(actingKeyOf(exchange).nowMs)) ?? [];
    throw invalidValues([...violations, ...more]);
  }
  return { query: query.data as z.infer<Query>, body: body.data as z.infer<Body> };
}

/** The path with what is in it, in the spelling that ids have. */
function routeOf({ method, path }: Description, values: RawRequest['path']): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name]?.toLowerCase() ?? '');
  return `${method.toUpperCase()} ${filled}`;
}

/** What is not there, by the name of the parameter that names nothing that could be. */
const NOUNS: Readonly<Record<string, 'secret' | 'user' | 'event'>> = {
  prefix: 'secret',
  'id Users': 'user',
  'id Audit': 'event',
};

function pathOf<Path extends z.ZodObject>(
  { pathParameters, tag }: { pathParameters?: Path; tag: string },
  values: RawRequest['path'],
): z.infer<Path> {
  const result = (pathParameters ?? NOTHING).safeParse({ ...values });
  if (result.success) return result.data as z.infer<Path>;
  const [issue] = result.error.issues;
  const name = issue?.path.join('.') ?? '';
  const noun = NOUNS[name] ?? NOUNS[`${name} ${tag}`] ?? 'key';
  throw new HokusaiError('not_found', `There is no such ${noun}: ${name}: ${issue?.message}.`, {
    reason: `${noun}_not_found` as const,
  });
}
