import { randomBytes } from 'node:crypto';
import { freePort, startRedis } from '@hokusai/local-stack';
import { Redis } from 'ioredis';
import { baseEnvironment, given } from './config.ts';
import { hasImage, startContainer } from './containers.ts';
import { runFolder } from './run.ts';
import { foreignServer, processControl, startServer, type TestServer } from './server.ts';
import { toolbox } from './toolbox.ts';

export interface TestRedis extends TestServer {
  url: string;
}

const IMAGE = 'redis:8';

/** A Redis of the caller's own, empty. A given one (`TEST_REDIS_URL`) is emptied instead. */
export async function createRedis(): Promise<TestRedis> {
  if (given.redis !== undefined) return useGiven(given.redis);
  const password = randomBytes(18).toString('base64url');
  const port = await freePort();
  const url = `redis://:${password}@127.0.0.1:${port}`;
  if (await hasImage(IMAGE)) {
    const command = ['redis-server', '--requirepass', password, '--appendonly', 'yes'];
    return {
      url,
      ...(await startContainer({ image: IMAGE, command, ports: { 6379: port }, isReady: () => ping(url) })),
    };
  }
  const program = await toolbox.server('redis');
  const folder = runFolder('redis');
  const options = {
    port,
    password,
    program,
    dataDirectory: folder,
    logFile: `${folder}/redis.log`,
    env: baseEnvironment(),
    isDurable: true,
  };
  return { url, ...(await startServer(processControl(folder, () => startRedis(options)))) };
}

async function useGiven(url: string): Promise<TestRedis> {
  await withClient(url, (client) => client.flushdb());
  return { url, ...foreignServer('TEST_REDIS_URL') };
}

async function ping(url: string): Promise<void> {
  await withClient(url, (client) => client.ping());
}

async function withClient(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    client.disconnect();
  }
}
