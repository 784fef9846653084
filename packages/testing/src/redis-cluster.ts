/** A Redis Cluster of masters without replicas, each to be broken by itself. */
import { randomBytes } from 'node:crypto';
import { freePort, startRedis } from '@hokusai/local-stack';
import { Redis } from 'ioredis';
import { baseEnvironment } from './config.ts';
import { eventually } from './eventually.ts';
import { runFolder } from './run.ts';
import { processControl, startServer, type TestServer } from './server.ts';
import { toolbox } from './toolbox.ts';

export interface TestRedisCluster extends AsyncDisposable {
  /** All nodes, separated by commas. */
  url: string;
  /** In the order of their slots, of which each has as many as the others. */
  nodes: { url: string; server: TestServer }[];
  close(): Promise<void>;
}

const SLOTS = 16_384;
/** Nodes talk to each other on a port so much higher. */
const BUS_PORT_OFFSET = 10_000;
const MAX_PORT = 65_535;

/** Always local processes, whatever the environment gives. */
export async function createRedisCluster(size = 3): Promise<TestRedisCluster> {
  const password = randomBytes(18).toString('base64url');
  const program = await toolbox.server('redis');
  const nodes = await Promise.all(
    Array.from({ length: size }, async () => {
      const port = await nodePort();
      const folder = runFolder('redis-node');
      const options = {
        ...{ port, password, program, dataDirectory: folder, logFile: `${folder}/redis.log` },
        ...{ env: baseEnvironment(), isDurable: true, isClusterNode: true },
      };
      const server = await startServer(processControl(folder, () => startRedis(options)));
      return { port, url: `redis://:${password}@127.0.0.1:${port}`, server };
    }),
  );
  await join(nodes);
  const close = async () => void (await Promise.all(nodes.map(({ server }) => server.close())));
  return { url: nodes.map(({ url }) => url).join(','), nodes, close, [Symbol.asyncDispose]: close };
}

/** Gives each node its slots and has all meet the first. */
async function join(nodes: readonly { port: number; url: string }[]): Promise<void> {
  const clients = nodes.map(({ url }) => new Redis(url));
  const first = nodes[0]?.port ?? 0;
  for (const [index, client] of clients.entries()) {
    const from = Math.floor((index * SLOTS) / nodes.length);
    const to = Math.floor(((index + 1) * SLOTS) / nodes.length);
    await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, offset) => from + offset));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    await client.cluster('MEET', '127.0.0.1', first);
  }
  for (const client of clients) {
    await eventually(
      async () => {
        const info = String(await client.cluster('INFO'));
        if (!info.includes('cluster_state:ok') || !info.includes(`cluster_size:${nodes.length}`))
          throw new Error(`the cluster is not complete: ${info}`);
      },
      { timeoutMs: 30_000 },
    );
    client.disconnect();
  }
}

async function nodePort(): Promise<number> {
  const port = await freePort();
  return port + BUS_PORT_OFFSET <= MAX_PORT ? port : nodePort();
}
