/** How a subscriber reads what the streams keep: NATS's direct get (ADR-31), which creates nothing at the server. */
import type { StreamDefinition } from '../events/subjects.ts';
import { EVENT_KINDS, kindOf } from './schemas.ts';

const INBOX = 'inbox';

const sequence = { type: 'integer', minimum: 1 };

const query = {
  name: 'Query',
  title: 'Which messages',
  contentType: 'application/json',
  payload: {
    type: 'object',
    properties: {
      seq: { ...sequence, description: 'The first position; with `batch` the first one at or after it.' },
      start_time: {
        type: 'string',
        format: 'date-time',
        description: 'In place of `seq`: the first message stored at this time or later.',
      },
      batch: { ...sequence, description: 'How many messages at most. Without it: the one at `seq`.' },
      last_by_subj: { type: 'string', description: 'By itself: the last message of a subject, or of `>`.' },
    },
  },
  examples: [
    { name: 'after 1041', summary: 'The next 256 after position 1041.', payload: { seq: 1042, batch: 256 } },
    { name: 'last', summary: 'The last message.', payload: { last_by_subj: '>' } },
  ],
};

const text = { type: 'string' };

const headers = {
  type: 'object',
  required: ['Nats-Stream', 'Nats-Subject', 'Nats-Sequence', 'Nats-Time-Stamp'],
  properties: {
    'Nats-Stream': text,
    'Nats-Subject': text,
    'Nats-Sequence': { ...text, description: 'Its position in the stream: keep it to go on from there.' },
    'Nats-Time-Stamp': { ...text, description: 'When it was stored.' },
    'Nats-Num-Pending': { ...text, description: 'Of a batch: how many follow it in the stream.' },
    'Nats-Last-Sequence': {
      ...text,
      description:
        'Of a batch: the position of the message before it in this batch, or 0. If you have another, some are lost on the way: ask again.',
    },
  },
};

/** Messages of the channels below. */
export function readingMessages() {
  const stored = EVENT_KINDS.map(({ name }) => [
    `Stored${name}`,
    {
      name: `Stored${name}`,
      title: `A stored message of ${name}`,
      headers,
      payload: { $ref: `#/components/schemas/${name}Message` },
    },
  ]);
  const end = {
    name: 'End',
    title: 'No more in this answer',
    description:
      'No payload. The status in the first line of the headers: 204 after the last message of a batch, 404 if there is none at or after the position, 408 if the query makes no sense.',
    payload: { type: 'string', maxLength: 0 },
  };
  return { Query: query, ...Object.fromEntries(stored), End: end };
}

const nameOf = ({ name }: StreamDefinition) => `read_${name}`;

/** A channel to ask on for each stream, and the one for answers. */
export function readingChannels(streams: readonly StreamDefinition[]) {
  const asking = streams.map((stream) => [
    nameOf(stream),
    {
      address: `$JS.API.DIRECT.GET.${stream.name}`,
      title: `What the stream ${stream.name} keeps`,
      messages: { Query: { $ref: '#/components/messages/Query' } },
    },
  ]);
  const answers = [...EVENT_KINDS.map(({ name }) => `Stored${name}`), 'End'];
  const inbox = {
    address: null,
    title: 'The inbox that a request names for its answers',
    description:
      'Under `_INBOX_<user>.`, such as `_INBOX_subscriber.`: set it as the inbox prefix of your client.',
    messages: Object.fromEntries(answers.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  };
  return { ...Object.fromEntries(asking), [INBOX]: inbox };
}

/** To read from each stream. */
export function readingOperations(streams: readonly StreamDefinition[]) {
  return Object.fromEntries(
    streams.map((stream) => {
      const { name } = kindOf(stream.subjects[0] as string);
      const operation = {
        action: 'send',
        channel: { $ref: `#/channels/${nameOf(stream)}` },
        title: `Read the stream ${stream.name}`,
        description:
          'By position or time, in order. It needs nats-server 2.11 or later. Nothing is created or changed at the server; your position is yours to keep.',
        messages: [{ $ref: `#/channels/${nameOf(stream)}/messages/Query` }],
        reply: {
          channel: { $ref: `#/channels/${INBOX}` },
          messages: [`Stored${name}`, 'End'].map((answer) => ({
            $ref: `#/channels/${INBOX}/messages/${answer}`,
          })),
        },
      };
      return [nameOf(stream), operation];
    }),
  );
}
