/** The zod schemas of what subscribers may read, as JSON Schemas of an AsyncAPI document. */
import { z } from 'zod';
import { auditEventSchema } from '../events/audit.ts';
import { cloudEventSchema } from '../events/cloud-event.ts';
import { keyEventSchema } from '../events/keys.ts';

/** What each message carries as `data`, by the first part of its subject. */
export const EVENT_KINDS = [
  {
    subjects: 'hokusai.audit.v1.',
    name: 'AuditEvent',
    title: 'Who did what to which key or user, from where, with what outcome. Never a secret.',
    data: auditEventSchema,
  },
  {
    subjects: 'hokusai.keys.v1.events.',
    name: 'KeyEvent',
    title: 'What happened to a key, and what it is now. Never a secret.',
    data: keyEventSchema,
  },
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What is published under a subject; throws if nothing is known of it. */
export function kindOf(subject: string): EventKind {
  const kind = EVENT_KINDS.find(({ subjects }) => subject.startsWith(subjects));
  if (!kind) throw new Error(`say in EVENT_KINDS what is published under ${subject}`);
  return kind;
}

/** `components.schemas`. */
export function componentSchemas(): Record<string, object> {
  const data = EVENT_KINDS.map(({ name, title, data: schema }) => [
    name,
    { ...jsonSchemaOf(schema), description: title },
  ]);
  return { CloudEvent: jsonSchemaOf(cloudEventSchema), ...Object.fromEntries(data) };
}

/** The schema of a whole message. */
export function payloadSchemaOf({ name }: EventKind) {
  return {
    allOf: [
      { $ref: '#/components/schemas/CloudEvent' },
      {
        type: 'object',
        required: ['data'],
        properties: { data: { $ref: `#/components/schemas/${name}` } },
      },
    ],
  };
}

/** As readers need it: fields that are not described may be there. */
export function jsonSchemaOf(schema: z.ZodType): object {
  const {
    $schema: _,
    definitions = {},
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema: node }) => {
      // A pattern beside a format says it again, at length.
      if (node.format) delete node.pattern;
      if (zodSchema._zod.def.type === 'lazy') for (const key of Object.keys(node)) delete node[key];
    },
  });
  // "Any JSON" refers to itself, by a place that this document doesn't have; to a schema it is no rule at all.
  const named = Object.values(definitions as Record<string, object>);
  if (named.some((definition) => Object.keys(definition).length > 0))
    throw new Error('only any JSON may refer to itself in an event');
  const isReference = (value: { $ref?: string } | null) => value?.$ref?.startsWith('#/definitions/') === true;
  return JSON.parse(JSON.stringify(rest), (_key, value) => (isReference(value) ? {} : value));
}
