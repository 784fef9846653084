/**
 * The AsyncAPI 3.0 document for subscribers outside: `npm run generate` writes it to docs/asyncapi.yaml. What it
 * says of streams, subjects and fields comes from the tables and schemas that the services use.
 */
import { SUBSCRIBER_STREAMS } from '../events/subjects.ts';
import { eventChannels, receiveOperations } from './channels.ts';
import { examplesUnder } from './examples.ts';
import { readingChannels, readingMessages, readingOperations } from './reading.ts';
import { componentSchemas, EVENT_KINDS, type EventKind, payloadSchemaOf } from './schemas.ts';

const DESCRIPTION = `What happens to keys, and who did what, as events on NATS. The user \`subscriber\` may listen to
them and read what the streams keep of them; it can change nothing.

**Envelope.** Every message is one [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md)
event in structured JSON. \`type\` is the subject without \`hokusai.\`. A field may be added at any time; one that is
removed or changes its meaning makes a new version, \`v2\`, under a subject of its own.

**Delivery.** At least once: an event may come again, also hours later, with the same \`id\`. Keep the ids of those that
you have handled. Positions in a stream rise in the order in which its events were stored, which is nearly the order
in which things happened; of two events of a key the one with the higher \`version\` is the later. Streams have no
order between them.

**Two ways.** A plain subscription hears events from now on, each at most once, and misses what happens while it is
disconnected. Who reads the streams by position, and keeps the position, misses nothing that they still hold.
`;

/** The document, ready to be written as YAML or JSON. */
export function asyncApiDocument() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hokusai Gateway: events',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: { nats: server },
    channels: { ...eventChannels(SUBSCRIBER_STREAMS), ...readingChannels(SUBSCRIBER_STREAMS) },
    operations: { ...receiveOperations(SUBSCRIBER_STREAMS), ...readingOperations(SUBSCRIBER_STREAMS) },
    components: {
      securitySchemes: {
        user: {
          type: 'userPassword',
          description:
            'A NATS user and its password. A local start generates them: `NATS_SUBSCRIBER_URL` in `.hokusai/env`.',
        },
      },
      messages: { ...Object.fromEntries(EVENT_KINDS.map(eventMessage)), ...readingMessages() },
      schemas: {
        ...componentSchemas(),
        ...Object.fromEntries(EVENT_KINDS.map((kind) => [`${kind.name}Message`, payloadSchemaOf(kind)])),
      },
    },
  };
}

const server = {
  host: '{host}:{port}',
  protocol: 'nats',
  description: 'NATS with JetStream, as the deployment has it; a local start chooses the port.',
  variables: { host: { default: '127.0.0.1' }, port: { default: '4222' } },
  security: [{ $ref: '#/components/securitySchemes/user' }],
};

function eventMessage({ name, title, subjects }: EventKind) {
  const message = {
    name,
    title,
    payload: { $ref: `#/components/schemas/${name}Message` },
    examples: examplesUnder(subjects).map(({ subject, summary, event }) => ({
      name: subject,
      summary,
      payload: event,
    })),
  };
  return [name, message] as const;
}
