/** An upstream that takes in whatever is sent to it, and answers when it has all of it. Prints its port when it listens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer({ requestTimeout: 0 }, (incoming, outgoing) => {
  incoming.on('data', () => {}).on('end', () => outgoing.end('taken'));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
