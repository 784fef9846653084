/**
 * Joins each connection to one of the upstream's, and reads nothing of what passes: the limit for Node.
 *
 *     node pipe.ts <upstream port>
 *
 * Prints its port when it listens.
 */
import { type AddressInfo, connect, createServer } from 'node:net';

const upstreamPort = Number(process.argv[2]);

const server = createServer((client) => {
  const upstream = connect(upstreamPort, '127.0.0.1');
  client.on('error', () => upstream.destroy()).pipe(upstream);
  upstream.on('error', () => client.destroy()).pipe(client);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
