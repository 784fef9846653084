import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { freePort, NATS_USERS, type NatsUser, natsConfiguration, startNats } from '@hokusai/local-stack';
import { provisionBus } from '@hokusai/service-kit';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Identity } from './certificates.ts';
import { baseEnvironment, given } from './config.ts';
import { hasImage, startContainer } from './containers.ts';
import { runFolder } from './run.ts';
import { foreignServer, processControl, startServer, type TestServer } from './server.ts';
import { toolbox } from './toolbox.ts';

export interface TestNats extends TestServer {
  /** `nats://user:password@host:port` for each service's user, a listener, and the one who creates streams. */
  urls: Readonly<Record<NatsUser, string>>;
}

export interface NatsTestOptions {
  /** Creates the streams and the durable consumers (default). */
  provision?: boolean;
  /** When a delivery that is not settled is made again; production's 30 s if absent. */
  ackWaitMs?: number;
  /** Speaks TLS with this certificate; where `clientCa` is given, with those only who show one of that authority. */
  tls?: Identity & { clientCa?: string };
}

const IMAGE = 'nats:2';

/** A NATS server of the caller's own. Of a given one (`TEST_NATS_URL`) all streams are removed first. */
export async function createNats({
  provision = true,
  tls,
  ...options
}: NatsTestOptions = {}): Promise<TestNats> {
  const nats = given.nats === undefined ? await startOwn(tls) : await useGiven(given.nats);
  if (provision) await provisionBus(nats.urls.admin, options);
  return nats;
}

async function startOwn(tls: NatsTestOptions['tls']): Promise<TestNats> {
  const port = await freePort();
  const passwords = perUser(() => randomBytes(18).toString('base64url'));
  const urls = perUser((user) => `nats://${user}:${passwords[user]}@127.0.0.1:${port}`);
  // A certificate is of the test's making, in files of this machine.
  if (!tls && (await hasImage(IMAGE))) {
    const configuration = natsConfiguration({
      host: '0.0.0.0',
      port: 4222,
      storeDirectory: '/data',
      passwords,
    });
    const server = await startContainer({
      image: IMAGE,
      command: ['-c', '/hokusai.json'],
      files: { '/hokusai.json': JSON.stringify(configuration) },
      ports: { 4222: port },
      isReady: () => canUseJetStream(urls.admin),
    });
    return { urls, ...server };
  }
  const program = await toolbox.server('nats');
  const folder = runFolder('nats');
  const options = {
    port,
    passwords,
    program,
    dataDirectory: folder,
    logFile: `${folder}/nats.log`,
    env: baseEnvironment(),
    ...(tls && { tls: tlsFiles(folder, tls) }),
  };
  return { urls, ...(await startServer(processControl(folder, () => startNats(options)))) };
}

function tlsFiles(folder: string, { certificate, key, clientCa }: NonNullable<NatsTestOptions['tls']>) {
  const write = (name: string, content: string) => {
    const path = `${folder}/${name}.pem`;
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const pair = { cert: write('server', certificate), key: write('server-key', key) };
  return clientCa === undefined ? pair : { ...pair, ca: write('client-ca', clientCa) };
}

async function useGiven(url: string): Promise<TestNats> {
  const connection = await connect(connectionOptions(url));
  try {
    const { streams } = await jetstreamManager(connection);
    for await (const { config } of streams.list()) await streams.delete(config.name);
  } finally {
    await connection.close();
  }
  return { urls: perUser(() => url), ...foreignServer('TEST_NATS_URL') };
}

/**
 * Has the services read all that the streams hold once more, as after a restore of their databases: the durable
 * consumers are removed and made anew. No service may be running.
 */
export async function readStreamsAnew(adminUrl: string): Promise<void> {
  const connection = await connect(connectionOptions(adminUrl));
  try {
    const { streams, consumers } = await jetstreamManager(connection);
    for await (const { config } of streams.list()) {
      for await (const { name } of consumers.list(config.name)) await consumers.delete(config.name, name);
    }
  } finally {
    await connection.close();
  }
  await provisionBus(adminUrl);
}

async function canUseJetStream(url: string): Promise<void> {
  const connection = await connect({ ...connectionOptions(url), reconnect: false, timeout: 2000 });
  try {
    await jetstreamManager(connection);
  } finally {
    await connection.close();
  }
}

function connectionOptions(url: string) {
  const { host, username, password } = new URL(url);
  return { servers: host, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

function perUser<Value>(value: (user: NatsUser) => Value): Record<NatsUser, Value> {
  return Object.fromEntries(NATS_USERS.map((user) => [user, value(user)])) as Record<NatsUser, Value>;
}
