/**
 * Prints all that the streams keep and what is added to them, and goes on where it stopped: each stream is read by
 * position, and the position is kept in a file.
 *
 *     NATS_SUBSCRIBER_URL=nats://subscriber:PASSWORD@127.0.0.1:4222 node follow.ts --position FILE
 *
 *     --since 2026-01-15T12:00:00Z    where to begin, if the file has no position: else with the oldest event
 *     AUDIT | AUDIT_GATEWAY | KEYS    the streams to read: else all
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectToBus, eventIn, fail, lineOf } from './bus.ts';
import { Position } from './position.ts';
import { isOutage, type StoredMessage, Stream } from './stream.ts';

/** Changes of keys and users and reads of the log; what gateways refused; what happened to keys. */
const STREAMS = ['AUDIT', 'AUDIT_GATEWAY', 'KEYS'];
/** How soon after the end of a stream to look again. */
const PAUSE_MS = 1000;

const { file, since, streams } = settings();
const position = new Position(file);
const connection = await connectToBus();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => connection.close());
console.error('following');
await Promise.all(streams.map((name) => follow(new Stream(connection, name))));

/** Reads on until the program is to end. */
async function follow(stream: Stream): Promise<void> {
  let isPlaceSure = false;
  while (!connection.isClosed()) {
    try {
      if (!isPlaceSure) await checkPlace(stream);
      isPlaceSure = true;
      const messages = await stream.next(whereToGoOn(stream.name));
      if (messages.length > 0) handle(stream.name, messages);
      else await sleep(PAUSE_MS);
    } catch (error) {
      if (connection.isClosed()) return;
      if (!isOutage(error)) throw error;
      console.error(`${stream.name} does not answer; asking again`);
      isPlaceSure = false;
      await sleep(PAUSE_MS);
    }
  }
}

function whereToGoOn(name: string): { seq: number } | { start_time: string } {
  const place = position.places[name];
  if (place) return { seq: place.sequence + 1 };
  return since === undefined ? { seq: 1 } : { start_time: since };
}

/** A stream that was made anew counts from 1 again: then it is read from its beginning. */
async function checkPlace(stream: Stream): Promise<void> {
  const place = position.places[stream.name];
  if (!place) return;
  const message = await stream.at(place.sequence);
  // Else its time has come, unless there is nothing at that position yet.
  const isSame = message
    ? message.storedAt === place.stored_at
    : ((await stream.last())?.sequence ?? 0) > place.sequence;
  if (isSame) return;
  console.error(`${stream.name} is not the stream that it was; reading it from its beginning`);
  delete position.places[stream.name];
}

/** Prints what is new, and then keeps how far that was: who is killed in between prints it again. */
function handle(name: string, messages: readonly StoredMessage[]): void {
  for (const { sequence, storedAt, payload } of messages) {
    const gone = sequence - (position.places[name]?.sequence ?? sequence) - 1;
    if (gone > 0) console.error(`${name}: ${gone} events before ${sequence} are no longer kept`);
    const event = eventIn(payload, `${name} ${sequence}`);
    if (event && position.seen.add(event.id)) console.log(lineOf(event));
    position.places[name] = { sequence, stored_at: storedAt };
  }
  position.save();
}

function settings() {
  const options = { position: { type: 'string' }, since: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.position === undefined) throw new Error('--position FILE is missing');
    const unknown = positionals.filter((name) => !STREAMS.includes(name));
    if (unknown.length > 0) throw new Error(`no such stream: ${unknown}; there are ${STREAMS}`);
    if (values.since !== undefined && Number.isNaN(Date.parse(values.since)))
      throw new Error('--since takes a time such as 2026-01-15T12:00:00Z');
    const time = values.since === undefined ? undefined : new Date(values.since).toISOString();
    return { file: values.position, since: time, streams: positionals.length > 0 ? positionals : STREAMS };
  } catch (error) {
    return fail(String(error instanceof Error ? error.message : error));
  }
}
