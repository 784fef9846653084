/**
 * Fields of the management API, each with its limits, a description and an example. Requests and answers are
 * checked by them, and described by them in the OpenAPI document; whatever depends on who asks, or on what is
 * stored, is the keys service's to judge.
 */
import { parseBlock } from '@hokusai/contracts/addresses';
import {
  EMAIL_LIMIT,
  emailProblem,
  LIMIT_MAX,
  lineProblem,
  MAX_PAGE_SIZE,
  timeProblem,
} from '@hokusai/contracts/fields';
import { SCOPES } from '@hokusai/contracts/scopes';
import { z } from 'zod';

/** What stands where the type is wrong: nothing, or something else. */
export function expected(what: string) {
  return { error: ({ input }: { input?: unknown }) => (input === undefined ? 'is required' : what) };
}

/** A text that `problemOf` finds nothing wrong with; `shown` is as much of the rule as JSON Schema can say. */
function text(problemOf: (text: string) => string | undefined, shown: Record<string, unknown>) {
  return z
    .string(expected('expected a text'))
    .superRefine((value, context) => {
      const message = problemOf(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta(shown);
}

const CONTROLS = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069`;

/** One line of text with something to read in it. Lengths are in Unicode code points, as in JSON Schema. */
export function line(limit: number) {
  const pattern = `^[^${CONTROLS}]*[^\\s${CONTROLS}][^${CONTROLS}]*$`;
  const shown = { minLength: 1, maxLength: limit, pattern };
  return text((value) => lineProblem(value, { limit, required: true }), shown);
}

/** One line of text that may be empty. */
export function optionalLine(limit: number) {
  const shown = { maxLength: limit, pattern: `^[^${CONTROLS}]*$` };
  return text((value) => lineProblem(value, { limit, required: false }), shown);
}

const EMAIL = {
  description: 'Address of the user. It is kept out of events and, in the audit log, erasable.',
  examples: ['ada@example.org'],
};

export const storedEmail = z.string().meta(EMAIL);

export const email = text(emailProblem, {
  minLength: 3,
  maxLength: EMAIL_LIMIT,
  pattern: `^[^@${CONTROLS}]+@[^@${CONTROLS}]+$`,
  ...EMAIL,
});

/** One address or block, in the form that is stored and answered. */
export const cidr = text(
  (value) => {
    const block = parseBlock(value);
    return typeof block === 'string' ? block : undefined;
  },
  {
    minLength: 2,
    maxLength: 49,
    pattern: '^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$',
    description:
      'CIDR block without host bits, or one address; IPv4 or IPv6. IPv4 mapped into IPv6 counts as IPv4.',
    examples: ['10.0.0.0/8'],
  },
);

export function uuid(description: string) {
  return z
    .guid({ error: 'expected a UUID' })
    .meta({ description, examples: ['6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a'] });
}

/**
 * A text in an answer, as it is stored. It may be one that no request could have brought there (of an imported key,
 * or from a newer keys service), and what is odd about one key must not hide the others on its page.
 */
export function stored(description: string, example: string) {
  return z.string().meta({ description, examples: [example] });
}

const PREFIX_EXAMPLE = 'hk_live_4fQ0ZyB2kL9x';

/** Of an imported key it may look otherwise. */
export function keyPrefix(description: string) {
  return stored(description, PREFIX_EXAMPLE);
}

export const prefixInPath = line(32).meta({
  description: 'Public first part of the secret, as in `retired_secrets`.',
  examples: [PREFIX_EXAMPLE],
});

export const environment = z.enum(['live', 'test'], 'expected live or test').meta({
  description:
    'Test keys are for trying things out: they may be sent to an MLflow server of their own, and never hold admin.',
  examples: ['live'],
});

export const role = z.enum(['member', 'admin'], 'expected member or admin').meta({
  description: 'A member manages their own keys, an admin all keys and users.',
  examples: ['member'],
});

const scope = z.enum(SCOPES, `expected one of ${SCOPES.join(', ')}`);

export const scopes = z
  .array(scope, expected('expected a list of scopes'))
  .min(1, 'name at least one scope')
  .max(SCOPES.length, `expected at most ${SCOPES.length} scopes`)
  .meta({
    description: 'What the key may do. `admin` implies all others; nothing else implies anything.',
    examples: [['mlflow:read', 'mlflow:write']],
  });

/** In an answer. A member's admin key holds less than it says, possibly nothing. */
export function heldScopes(description: string) {
  return z.array(stored('One that a request may name, or one that is newer.', 'mlflow:read')).meta({
    description,
    examples: [['mlflow:read', 'mlflow:write']],
  });
}

export function limit(description: string, example: number) {
  const message = `expected a whole number from 1 to ${LIMIT_MAX}`;
  return z
    .int(message)
    .min(1, message)
    .max(LIMIT_MAX, message)
    .meta({ description, examples: [example] });
}

/** A whole number in an answer. */
export function count(description: string, example: number) {
  return z
    .int()
    .min(0)
    .meta({ description, examples: [example] });
}

/** RFC 3339 with an offset, as clients send it. */
export function instant(description: string) {
  return z.iso
    .datetime({
      offset: true,
      error:
        'expected a time with its offset, such as 2027-01-31T12:00:00Z (the + of an offset is %2B in a query)',
      abort: true,
    })
    .superRefine((text, context) => {
      const message = timeProblem(new Date(text));
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta({ description, examples: ['2027-01-31T12:00:00Z'] });
}

/** RFC 3339 in UTC with milliseconds, as we answer it. */
export function time(description: string) {
  return z.iso.datetime({ precision: 3 }).meta({ description, examples: ['2027-01-31T12:00:00.000Z'] });
}

const VERSION = 'expected a version, as a text, as the field `version` of the key shows it';

/** Decimal, since it is larger than what JSON numbers carry everywhere. */
export const version = z
  .string(expected(VERSION))
  .regex(/^[1-9][0-9]{0,18}$/, VERSION)
  .meta({ description: 'Rises at every change.', examples: ['1764998400123456'] });

/** Texts of a query, as numbers and booleans to whoever reads the document. */
export const wholeNumber = (min: number, max: number) => {
  const message = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .pipe(z.int(message).min(min, message).max(max, message))
    .meta({ override: shownAs({ type: 'integer', minimum: min, maximum: max, examples: [50] }) });
};

export const flag = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((value) => value === 'true')
  .meta({ override: shownAs({ type: 'boolean', examples: [true] }) });

function shownAs(schema: Record<string, unknown>) {
  return ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    for (const name of ['pattern', 'enum', 'type']) delete jsonSchema[name];
    Object.assign(jsonSchema, schema);
  };
}

export const page = {
  limit: wholeNumber(1, MAX_PAGE_SIZE)
    .optional()
    .meta({ description: 'How many entries a page has at most; 50 if left out.' }),
  cursor: z
    .string()
    .optional()
    .meta({ description: '`next_cursor` of the page before.', examples: ['MTc2NDk5ODQwMDEyMy82ZjFj'] }),
};

export const nextCursor = z
  .string()
  .nullable()
  .meta({
    description: 'For the query parameter `cursor` of the next page; null on the last one.',
    examples: ['MTc2NDk5ODQwMDEyMy82ZjFj'],
  });

/** A page of a list. */
export function listOf<Item extends z.ZodType>(id: string, item: Item, order = 'Newest first.') {
  return z
    .strictObject({
      data: z.array(item).meta({ description: order }),
      next_cursor: nextCursor,
    })
    .meta({ id });
}
