/** Errors, as the OpenAPI document describes them. */
import { z } from 'zod';

const violation = z
  .strictObject({
    path: z
      .string()
      .meta({ description: 'Of the value; empty for the request as a whole.', examples: ['scopes[1]'] }),
    message: z
      .string()
      .meta({ description: 'What is expected there.', examples: ['is longer than 200 characters'] }),
  })
  .meta({ id: 'Violation', description: 'One broken rule.' });

export const problem = z
  .strictObject({
    type: z.string().meta({
      description: '`urn:hokusai:error:<reason>`, or a registered one: stable, for programs.',
      examples: ['urn:hokusai:error:invalid_values'],
    }),
    title: z.string().meta({ description: 'What happened, in short.', examples: ['Invalid values'] }),
    status: z
      .int()
      .min(400)
      .max(599)
      .meta({ description: 'The HTTP status.', examples: [422] }),
    detail: z.string().meta({
      description: 'What happened, and what to do.',
      examples: ['The request is not valid: name: is required.'],
    }),
    error_code: z.string().meta({
      description: "The error in the words of MLflow's client.",
      examples: ['INVALID_PARAMETER_VALUE'],
    }),
    message: z.string().meta({
      description: 'The detail with the request id.',
      examples: ['The request is not valid: name: is required. (request id 0b1e…)'],
    }),
    request_id: z
      .string()
      .meta({ description: 'As in the header X-Request-ID, and in the logs.', examples: ['0b1e…'] }),
    violations: z
      .array(violation)
      .optional()
      .meta({ description: 'Every rule that the request broke; the first 32, and how many more.' }),
    'violated-policies': z
      .array(z.string())
      .optional()
      .meta({
        description: 'Names of the limits that are used up, as in RateLimit-Policy.',
        examples: [['hour']],
      }),
  })
  .meta({ id: 'Problem', description: 'Why a request was not served (RFC 9457).' });
