/** A NATS server of our own with JetStream: on the loopback only, one user per service. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  type BusPermissions,
  busPermissions,
  subscriberExports,
  subscriberImports,
  subscriberPermissions,
} from '@hokusai/service-kit';
import { startProcess, stopProcess, whenReady } from '../os/processes.ts';
import { type Backend, type BackendOptions, LOOPBACK, READY_LIMIT_MS } from './backend.ts';

/** `admin` creates the streams; `subscriber` is for listeners outside the system, and can only read. */
export const NATS_USERS = ['keys', 'gateway', 'usage', 'audit', 'subscriber', 'admin'] as const;
export type NatsUser = (typeof NATS_USERS)[number];

/** Paths of files in PEM. With `ca`, clients have to show a certificate of that authority. */
export interface NatsTls {
  cert: string;
  key: string;
  ca?: string;
}

export interface NatsOptions extends BackendOptions {
  /** Path of `nats-server`. */
  program: string;
  passwords: Readonly<Record<NatsUser, string>>;
  tls?: NatsTls;
}

export interface NatsBackend extends Backend {
  urls: Readonly<Record<NatsUser, string>>;
}

/** What all streams together may reserve: above the sum of their bounds, whatever the disk's size is. */
const MAX_STORE_BYTES = 64 * 1024 ** 3;

export async function startNats(options: NatsOptions): Promise<NatsBackend> {
  const { port, passwords, tls } = options;
  const configurationFile = join(options.dataDirectory, 'nats.json');
  const storeDirectory = join(options.dataDirectory, 'jetstream');
  const configuration = natsConfiguration({
    host: LOOPBACK,
    port,
    storeDirectory,
    passwords,
    ...(tls && { tls }),
  });
  writeFileSync(configurationFile, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  const server = await startProcess({
    name: 'nats',
    command: options.program,
    args: ['-c', configurationFile],
    env: options.env,
    logFile: options.logFile,
  });
  const stop = async () => void (await stopProcess(server, { signal: 'SIGTERM', limitMs: 10_000 }));
  options.onStart?.(server, stop);
  try {
    await whenReady(server, () => greeting(port), { limitMs: READY_LIMIT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (user: NatsUser) => `nats://${user}:${encodeURIComponent(passwords[user])}@${LOOPBACK}:${port}`;
  const urls = Object.fromEntries(NATS_USERS.map((user) => [user, url(user)])) as Record<NatsUser, string>;
  return { process: server, port, urls, stop };
}

export interface NatsConfigurationOptions {
  host: string;
  port: number;
  storeDirectory: string;
  passwords: Readonly<Record<NatsUser, string>>;
  tls?: NatsTls;
}

/** The services', with the streams; and that of listeners outside, which has no more than is handed to it. */
const SERVICES = 'HOKUSAI';
const SUBSCRIBERS = 'SUBSCRIBERS';

/** For nats-server, which reads JSON as a form of its configuration language. */
export function natsConfiguration({ host, port, storeDirectory, passwords, tls }: NatsConfigurationOptions) {
  const permissions: Partial<Record<NatsUser, BusPermissions>> = {
    ...busPermissions(),
    subscriber: subscriberPermissions(),
  };
  const account = (names: readonly NatsUser[]) => ({
    users: names.map((user) => ({
      user,
      password: passwords[user],
      ...(permissions[user] ? { permissions: permissions[user] } : {}),
    })),
  });
  return {
    server_name: `hokusai-${randomBytes(4).toString('hex')}`,
    host,
    port,
    ...(tls && { tls: { cert_file: tls.cert, key_file: tls.key, ...verifying(tls) } }),
    jetstream: { store_dir: storeDirectory, max_file_store: MAX_STORE_BYTES },
    accounts: {
      [SERVICES]: {
        jetstream: 'enabled',
        ...account(NATS_USERS.filter((user) => user !== 'subscriber')),
        exports: subscriberExports(SUBSCRIBERS),
      },
      [SUBSCRIBERS]: { ...account(['subscriber']), imports: subscriberImports(SERVICES) },
    },
  };
}

function verifying({ ca }: NatsTls) {
  return ca === undefined ? {} : { ca_file: ca, verify: true };
}

/** The server speaks first, and says whether JetStream is up (NATS client protocol, INFO). */
async function greeting(port: number): Promise<void> {
  const socket = connect({ host: LOOPBACK, port, timeout: 2000 });
  try {
    await new Promise<void>((resolve, reject) => {
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (part) => {
        text += part;
        if (!text.includes('\r\n')) return;
        if (text.includes('"jetstream":true')) resolve();
        else reject(new Error('JetStream is not up'));
      });
      socket.on('timeout', () => reject(new Error('no answer')));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
    });
  } finally {
    socket.destroy();
  }
}
