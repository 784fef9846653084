/** What each user of the bus may do, and what leaves its account, in the form of nats-server's configuration. */
import {
  BUS_USERS,
  type BusUser,
  DEAD_LETTERS,
  deadLetterSubject,
  SUBSCRIBER_STREAMS,
  SUBSCRIBER_SUBJECTS,
} from '@hokusai/contracts';
import { inboxPrefixOf } from './connection.ts';

export interface BusPermissions {
  publish: { allow: string[] };
  subscribe: { allow: string[] };
}

/** What a service's NATS user needs and no more. */
function permissionsOf(user: BusUser): BusPermissions {
  const consuming = user.consume.flatMap(({ stream, durable }) => [
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
    `$JS.API.DIRECT.GET.${DEAD_LETTERS.name}.${deadLetterSubject(stream)}`,
  ]);
  return {
    publish: { allow: [...user.publish, ...consuming] },
    subscribe: { allow: [`${inboxPrefixOf(user.name)}.>`] },
  };
}

/** The four services' users by name. */
export function busPermissions(): Record<BusUser['name'], BusPermissions> {
  return Object.fromEntries(BUS_USERS.map((user) => [user.name, permissionsOf(user)])) as Record<
    BusUser['name'],
    BusPermissions
  >;
}

/** Name of the user for subscribers outside the system. */
const SUBSCRIBER = 'subscriber';

/** Where a stream's messages are read by their position, without a consumer: requests that change nothing. */
const READ_SUBJECTS = SUBSCRIBER_STREAMS.map(({ name }) => `$JS.API.DIRECT.GET.${name}`);

/** A subscriber outside the system may listen, and ask for what its streams hold. */
export function subscriberPermissions(): BusPermissions {
  return {
    publish: { allow: [...READ_SUBJECTS] },
    subscribe: { allow: [...SUBSCRIBER_SUBJECTS, `${inboxPrefixOf(SUBSCRIBER)}.>`] },
  };
}

/**
 * What the services' account lets the account `to` have, which is all that there is in it. Subscribers need an
 * account of their own: a request names the subject of its answer, and a server publishes the answer there
 * whatever the asker may publish itself. In the services' account that could be a subject that a stream keeps.
 */
export function subscriberExports(to: string) {
  return [
    ...SUBSCRIBER_SUBJECTS.map((stream) => ({ stream, accounts: [to] })),
    // Many answers to one request.
    ...READ_SUBJECTS.map((service) => ({ service, response_type: 'stream', accounts: [to] })),
  ];
}

/** What the subscribers' account has from the services', `from`. */
export function subscriberImports(from: string) {
  return [
    ...SUBSCRIBER_SUBJECTS.map((subject) => ({ stream: { account: from, subject } })),
    ...READ_SUBJECTS.map((subject) => ({ service: { account: from, subject } })),
  ];
}
