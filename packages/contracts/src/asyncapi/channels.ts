/** Channels to listen on, and what a subscriber does with each. */
import { KEY_EVENT_ACTIONS } from '../events/keys.ts';
import type { StreamDefinition } from '../events/subjects.ts';
import { examplesUnder } from './examples.ts';
import { type EventKind, kindOf } from './schemas.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const GIB = 1024 ** 3;

/** `auditKeys` of `hokusai.audit.v1.keys.>`. */
function channelNameOf(subject: string): string {
  const [first = '', ...rest] = subject.split('.').filter((part) => !/^(hokusai|v\d+|>)$/.test(part));
  return [first, ...rest.map(capitalised)].join('');
}

/** A channel for each subject of the streams, with one parameter: the action, whose own dots stay. */
export function eventChannels(streams: readonly StreamDefinition[]) {
  return Object.fromEntries(
    streams.flatMap((stream) =>
      stream.subjects.map((subject) => [channelNameOf(subject), channelOf(stream, subject)]),
    ),
  );
}

function channelOf(stream: StreamDefinition, subject: string) {
  const kind = kindOf(subject);
  return {
    address: subject.replace(/>$/, '{action}'),
    title: subject,
    description: `${kind.title} ${keptBy(stream)}`,
    parameters: { action: actionOf(kind, subject) },
    messages: { [kind.name]: { $ref: `#/components/messages/${kind.name}` } },
    'x-stream': {
      name: stream.name,
      max_age_seconds: stream.maxAgeMs / 1000,
      max_bytes: stream.maxBytes,
      discard: stream.discard,
    },
  };
}

function keptBy({ name, maxAgeMs, maxBytes, discard }: StreamDefinition): string {
  const atBound =
    discard === 'old'
      ? 'the oldest give way'
      : 'new ones are refused to their publisher, which keeps them and tries again';
  return `Kept by the stream ${name} for ${maxAgeMs / DAY_MS} days; at ${maxBytes / GIB} GiB ${atBound}.`;
}

function actionOf({ name }: EventKind, subject: string) {
  const description =
    'What happened. Its dots stand in the subject as they are: subscribe with `>`, not with `*`.';
  if (name === 'KeyEvent') return { description, enum: [...KEY_EVENT_ACTIONS] };
  const prefix = subject.slice(0, -1);
  const examples = examplesUnder(prefix).map((example) => example.subject.slice(prefix.length));
  return {
    description: `${description} docs/reference/events.md has the table of all of them.`,
    ...(examples.length > 0 ? { examples } : {}),
  };
}

/** To listen on each of the channels. */
export function receiveOperations(streams: readonly StreamDefinition[]) {
  return Object.fromEntries(
    streams.flatMap(({ subjects }) =>
      subjects.map((subject) => [operationNameOf(subject), receive(subject)]),
    ),
  );
}

const operationNameOf = (subject: string) => `receive${capitalised(channelNameOf(subject))}`;

function receive(subject: string) {
  const channel = channelNameOf(subject);
  return {
    action: 'receive',
    channel: { $ref: `#/channels/${channel}` },
    title: `Listen to ${subject}`,
    description: 'From now on, each event at most once: what is published while nobody listens is missed.',
    messages: [{ $ref: `#/channels/${channel}/messages/${kindOf(subject).name}` }],
  };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
