/** The OpenAPI 3.1 document of the operations. */
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { IDEMPOTENCY_KEY } from './idempotency.ts';
import type { Operation } from './operation.ts';
import { problem } from './problem-schema.ts';

const DESCRIPTION = `Keys, users, usage and the audit log of a Hokusai gateway.

A request presents its key in the header \`Authorization: Bearer hk_live_…\` or \`X-API-Key\`. Names are in
snake_case, times in RFC 3339. Fields and parameters that are not described here are refused. Every answer
has the header \`X-Request-ID\`; every error is a [problem](https://www.rfc-editor.org/rfc/rfc9457).`;

const TAGS = [
  { name: 'Keys', description: 'Create, look at, change, rotate, revoke.' },
  { name: 'Users', description: 'Who owns keys; for admins.' },
  { name: 'Usage', description: 'Who called what, how often, how fast, with what result.' },
  { name: 'Audit', description: 'Who did what to which key or user, from where, with what outcome.' },
  { name: 'Caller', description: 'The key that is asking.' },
  { name: 'About', description: 'This API itself.' },
];

const PROBLEMS = {
  400: "The request can't be read: `malformed_body`, `malformed_query`, `invalid_cursor`, …",
  401: 'No key, or one that is unknown.',
  403: 'The key works no more, may not be used from here, or lacks the scope.',
  404: 'Not there, or not yours.',
  408: 'The body did not come in time.',
  409: 'Changed meanwhile, or taken; with `Retry-After`, a request with this Idempotency-Key is still running.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The request breaks rules: `violations` has all of them, with their paths.',
  429: 'A limit of the key, or of its owner, is used up (`violated-policies`), or the address has tried too many wrong keys.',
  500: 'A defect of the gateway; nothing is known to have changed.',
  503: 'It can not be known at the moment: repeat the request after `Retry-After` seconds.',
} as const;
type ProblemStatus = keyof typeof PROBLEMS;

const requestId = z.string().meta({ description: 'Of this request, for questions about it.' });

const rateLimits = {
  'RateLimit-Policy': z.string().meta({
    description: 'The limits of the key and of its owner (draft-ietf-httpapi-ratelimit-headers).',
    examples: ['"hour";q=20000;w=3600, "burst";q=100;w=1'],
  }),
  RateLimit: z.string().meta({
    description: 'What is left of them, and in how many seconds there is more.',
    examples: ['"hour";r=19987;t=3601, "burst";r=99;t=2'],
  }),
};

/** What the document says of itself; `servers` is for whoever serves it. */
export function openApiDocument(operations: readonly Operation[]) {
  const paths = [...Map.groupBy(operations, ({ path }) => path)].map(([path, atPath]) => [
    path,
    Object.fromEntries(atPath.map((operation) => [operation.method, operationObject(operation)])),
  ]);
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Hokusai Gateway: management API',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: TAGS,
      paths: Object.fromEntries(paths),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key, as the token.' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
        },
        responses: Object.fromEntries(
          Object.entries(PROBLEMS).map(([status, description]) => [
            `Problem${status}`,
            problemResponse(Number(status), description),
          ]),
        ),
      },
    },
    { override: nullableLikeItsValue },
  );
}

/** What describes a value also describes it where it may be null; readers look for it beside `anyOf`. */
const nullableLikeItsValue: ZodOpenApiOverride = ({ jsonSchema, zodSchema }) => {
  if (zodSchema._zod.def.type !== 'nullable') return;
  const { description, examples } = (jsonSchema.anyOf?.[0] ?? {}) as typeof jsonSchema;
  if (description !== undefined) jsonSchema.description ??= description;
  if (examples !== undefined) jsonSchema.examples ??= examples;
};

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, pathParameters, query, body, scope } = operation;
  const roles = scope === null || scope === 'none' ? [] : [scope];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: scope === 'none' ? [] : [{ bearer: roles }, { apiKey: roles }],
    requestParams: {
      ...(pathParameters && { path: pathParameters }),
      ...(query && { query }),
      ...(operation.isRepeatable && { header: z.object({ 'Idempotency-Key': idempotencyKey }) }),
    },
    ...(body && { requestBody: requestBody(body) }),
    responses: responsesOf(operation),
  };
}

const idempotencyKey = z
  .string()
  .regex(IDEMPOTENCY_KEY)
  .optional()
  .meta({
    description:
      'Makes repetition safe: for ten minutes the same request under the same key gets the first answer.',
    examples: ['6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a'],
  });

function requestBody(schema: z.ZodType) {
  return { required: !schema.safeParse({}).success, content: { 'application/json': { schema } } };
}

function responsesOf(operation: Operation): ZodOpenApiResponsesObject {
  const { answer, scope } = operation;
  const problems = problemsOf(operation).map((status) => [
    status,
    { $ref: `#/components/responses/Problem${status}` },
  ]);
  const headers = z.object({
    'X-Request-ID': requestId,
    ...(scope !== 'none' && rateLimits),
    ...(answer.status === 201 && { Location: z.string().meta({ description: 'Of what was made.' }) }),
    ...(operation.hasCsv && { Link: nextLink }),
  });
  const json = { [answer.mediaType ?? 'application/json']: { schema: answer.schema } };
  return {
    [answer.status]: {
      description: answer.description,
      headers,
      content: operation.hasCsv ? { ...json, 'text/csv': { schema: csv } } : json,
    },
    ...Object.fromEntries(problems),
  };
}

const csv = z.string().meta({ description: 'One header line, and one line for each entry (RFC 4180).' });
const nextLink = z
  .string()
  .optional()
  .meta({ description: 'With CSV, where there is a next page: `rel="next"` (RFC 8288).' });

/** What an operation may be answered with besides its answer. */
function problemsOf({ scope, pathParameters, body, isRepeatable, mayConflict }: Operation): ProblemStatus[] {
  return [
    400,
    ...(scope === 'none' ? [] : ([401, 403] as const)),
    ...(pathParameters ? ([404] as const) : []),
    ...(isRepeatable || mayConflict ? ([409] as const) : []),
    ...(body ? ([408, 413, 415] as const) : []),
    422,
    ...(scope === 'none' ? [] : ([429] as const)),
    500,
    ...(scope === 'none' ? [] : ([503] as const)),
  ];
}

function problemResponse(status: number, description: string) {
  const retryAfter = z.string().meta({ description: 'Whole seconds.', examples: ['5'] });
  const headers = z.object({
    'X-Request-ID': requestId,
    ...((status === 503 || status === 429) && { 'Retry-After': retryAfter }),
    ...(status === 409 && { 'Retry-After': retryAfter.optional() }),
    ...(status === 401 && { 'WWW-Authenticate': z.string().meta({ description: 'RFC 6750.' }) }),
  });
  return { description, headers, content: { 'application/problem+json': { schema: problem } } };
}
