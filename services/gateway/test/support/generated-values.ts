/** Values by JSON Schema: valid ones, those at the boundary and just beyond it, and some that are quite wrong. */
import fc from 'fast-check';
import type { JsonSchema, OpenApi } from './openapi.ts';

interface Keywords {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: JsonSchema[];
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

export type Generator = (schema: JsonSchema) => fc.Arbitrary<unknown>;

/** As good as valid: some rules can't be told in JSON Schema, and what is stored counts too. */
export function generatorOf({ resolve }: OpenApi): Generator {
  const generate: Generator = (schema) => {
    const keywords: Keywords = resolve(schema);
    const { anyOf, enum: choices, examples = [], type } = keywords;
    if (anyOf) return fc.oneof(...anyOf.map(generate));
    if (choices) return fc.constantFrom(...choices);
    if (type === 'object') return objectOf(keywords, generate);
    if (type === 'array') return arrayOf(keywords, generate);
    return fc.oneof(scalarOf(keywords), ...examples.map((example) => fc.constant(example)));
  };
  return generate;
}

function objectOf({ properties, required = [] }: Keywords, generate: Generator): fc.Arbitrary<unknown> {
  if (!properties) return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
  // A few at a time: each makes it likelier that the whole is refused.
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const some = fc.oneof(
    fc.subarray(optional, { maxLength: Math.min(2, optional.length) }),
    fc.subarray(optional),
  );
  return some.chain((names) => {
    const chosen = [...required, ...names].map((name) => [name, generate(properties[name] ?? {})] as const);
    return fc.record(Object.fromEntries(chosen));
  });
}

function arrayOf({ items = {}, minItems = 0, maxItems = 5 }: Keywords, generate: Generator) {
  const [minLength, maxLength] = [minItems, Math.min(maxItems, minItems + 4)];
  return fc.array(generate(items), { minLength, maxLength });
}

function scalarOf(keywords: Keywords): fc.Arbitrary<unknown> {
  const { type, format, minimum = 0, maximum = 2 ** 31 } = keywords;
  if (type === 'null') return fc.constant(null);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer')
    return fc.oneof(
      fc.integer({ min: minimum, max: maximum }),
      fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1),
    );
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return times;
  return textOf(keywords);
}

const times = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

function textOf({ pattern, minLength = 0, maxLength = 300 }: Keywords): fc.Arbitrary<string> {
  const edges = fc
    .tuple(
      fc.constantFrom(minLength - 1, minLength, maxLength, maxLength + 1),
      fc.constantFrom('x', '🌊', 'é'),
    )
    .map(([length, letter]) => letter.repeat(Math.max(0, length)));
  const anything = fc.string({ unit: 'grapheme', maxLength });
  return fc.oneof(
    edges,
    anything,
    ...(pattern === undefined ? [] : [fc.stringMatching(new RegExp(pattern, 'u'))]),
  );
}

const TROUBLE: unknown[] = [
  ...[
    '',
    ' ',
    '\0',
    '\u0085',
    '\ud800',
    '\udfff\ud800',
    'null',
    '../..',
    '%00',
    '{}',
    "'; drop table keys; --",
  ],
  ...['9999-12-31T23:59:60Z', '0000-01-01T00:00:00+23:59', '0.0.0.0/33', '::/0', '::ffff:0.0.0.0/95'],
  ...[
    'x'.repeat(70_000),
    '🌊'.repeat(5000),
    -1,
    0,
    0.5,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -1e308,
    1e308,
    null,
    true,
  ],
  ...[
    [],
    {},
    [[[[[[[[[[]]]]]]]]]],
    { toString: 1 },
    { constructor: {} },
    Array.from({ length: 10_001 }, () => '::/0'),
  ],
];

/** What no schema asks for. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...TROUBLE),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);

/** The object with one thing about it changed. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return junk;
  const names = Object.keys(value);
  const withJunk = (name: fc.Arbitrary<string>) =>
    fc.tuple(name, junk).map(([key, wrong]) => ({ ...value, [key]: wrong }));
  const unknown = withJunk(fc.string());
  if (names.length === 0) return fc.oneof(junk, unknown);
  const without = fc.constantFrom(...names).map((gone) => {
    const { [gone]: _, ...rest } = value as Record<string, unknown>;
    return rest;
  });
  return fc.oneof({ weight: 4, arbitrary: withJunk(fc.constantFrom(...names)) }, without, unknown, junk);
}
