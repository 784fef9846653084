/**
 * Prints what happens from now on, by a plain subscription. What happens while this program is away is missed:
 * follow.ts misses nothing.
 *
 *     NATS_SUBSCRIBER_URL=nats://subscriber:PASSWORD@127.0.0.1:4222 node listen.ts
 */
import { connectToBus, eventIn, lineOf, SeenIds } from './bus.ts';

const SUBJECTS = ['hokusai.audit.v1.>', 'hokusai.keys.v1.events.>'];

const connection = await connectToBus();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => connection.close());

const seen = new SeenIds();
for (const subject of SUBJECTS)
  connection.subscribe(subject, {
    callback: (error, message) => {
      // Which is told of, and ends the program, where the connection's state is watched.
      if (error) return;
      const event = eventIn(message.string(), message.subject);
      if (event && seen.add(event.id)) console.log(lineOf(event));
    },
  });
await connection.flush();
console.error('listening');
await connection.closed();
