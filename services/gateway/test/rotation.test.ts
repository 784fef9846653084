/**
 * Replacing the secrets of a deployment while it serves: two replicas of the keys service, a gateway of two workers, and
 * clients all along. What each step is, and in which order, is what `docs/operations/rotation.md` says.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import { createPool } from '@hokusai/service-kit';
import {
  CertificateAuthority,
  type Cluster,
  createDatabase,
  eventually,
  grpcCallers,
  startCluster,
  type TestDatabase,
} from '@hokusai/testing';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get?run_id=a';
/** Attempts of a client that meets a 503: fewer than MLflow's makes. */
const PATIENCE = 5;
const randomSecret = () => randomBytes(32).toString('base64url');
const METHODS = ['KeyValidation', 'KeyManagement', 'UserManagement', 'AuditWitness'].map(
  (name) => `hokusai.keys.v1.${name}Service/*`,
);

describe('rotation, while clients are served', function () {
  this.timeout(400_000);
  let folder: string;
  let authority: CertificateAuthority;
  let nextAuthority: CertificateAuthority;
  let database: TestDatabase;
  let upstream: HttpUpstream;
  let cluster: Cluster;
  /** Who uses a key that is known all the time. */
  let users: { failures: string[]; used(): number; stop(): Promise<void> };
  /** What programs that make keys and use them met with. */
  let made: { failures: string[]; keys: string[]; stop(): Promise<void> };
  /** Made at the beginning, and not used before the end of a rotation. */
  let sleeping: string;

  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => writeFileSync(path(name), content);
  const tags = [randomSecret(), randomSecret()];
  const peppers = [randomSecret(), randomSecret()];
  const caches = [randomSecret(), randomSecret()];
  const tokens = [randomSecret(), randomSecret()];
  const ring = (secrets: readonly string[], ...order: number[]) =>
    order.map((index) => `s${index}:${secrets[index]}`).join();
  const callers = (...current: number[]) => {
    const gateways = current.map((index) => ({ name: 'gateway', token: tokens[index], methods: METHODS }));
    const certified = { name: 'gateway', certificate: 'gateway.internal', methods: METHODS };
    const own = JSON.parse(grpcCallers(services.keyValidation)) as object[];
    return JSON.stringify([...own, ...gateways, certified]);
  };
  const installIdentities = (by: CertificateAuthority) => {
    const keys = by.issue({ commonName: 'keys', altName: 'IP:127.0.0.1' });
    const gateway = by.issue({ commonName: 'gateway.internal' });
    for (const [name, { certificate, key }] of Object.entries({ keys, gateway })) {
      write(`${name}.pem`, certificate);
      write(`${name}.key`, key);
    }
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-rotation-'));
    [authority, nextAuthority] = [new CertificateAuthority(), new CertificateAuthority()];
    database = await createDatabase('keys');
    write('tags', ring(tags, 0));
    write('peppers', ring(peppers, 0));
    write('caches', ring(caches, 0));
    write('token', tokens[0] as string);
    write('callers', callers(0));
    write('database', database.url);
    write('authorities', authority.certificate);
    installIdentities(authority);
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end('served'));
    cluster = await startCluster({
      ...{ replicas: 2, gateways: 1, upstreamUrl: upstream.url, keysCallers: '' },
      keysSettings: {
        ...{ KEYS_GRPC_CALLERS_FILE: path('callers'), KEYS_GRPC_TLS_CLIENT_CA_FILE: path('authorities') },
        ...{ KEYS_GRPC_TLS_CERT_FILE: path('keys.pem'), KEYS_GRPC_TLS_KEY_FILE: path('keys.key') },
        ...{ KEY_TAG_SECRETS: '', KEY_TAG_SECRETS_FILE: path('tags') },
        ...{ KEY_PEPPERS: '', KEY_PEPPERS_FILE: path('peppers') },
        ...{ KEYS_DATABASE_URL: '', KEYS_DATABASE_URL_FILE: path('database') },
        ...{ ARGON2_MEMORY_KIB: '64', ARGON2_TIME_COST: '1', MAX_KEYS_PER_USER: '100000' },
        DEFAULT_BURST_LIMIT: '100000',
      },
      gatewaySettings: {
        ...{ GATEWAY_WORKERS: '2', KEYS_GRPC_TOKEN: '', KEYS_GRPC_TOKEN_FILE: path('token') },
        ...{ KEYS_GRPC_TLS_CERT_FILE: path('gateway.pem'), KEYS_GRPC_TLS_KEY_FILE: path('gateway.key') },
        KEYS_GRPC_TLS_CA_FILE: path('authorities'),
        ...{ KEY_TAG_SECRETS: '', KEY_TAG_SECRETS_FILE: path('tags') },
        ...{ CACHE_SECRETS: '', CACHE_SECRETS_FILE: path('caches') },
        SHUTDOWN_IDLE_MS: '1500',
      },
    });
    sleeping = await createKey();
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await upstream?.close();
    await database?.close();
    for (const each of [authority, nextAuthority]) each?.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    users = useAllTheTime(await createKey());
    made = makeKeys();
  });
  /** Nobody was refused or cut off; and what was made at any time works. */
  afterEach(async () => {
    await Promise.all([users.stop(), made.stop()]);
    assert.ok(users.used() > 20);
    assert.ok(made.keys.length > 3);
    assert.deepEqual([users.failures, made.failures], [[], []]);
    for (const key of [sleeping, ...made.keys.slice(0, 10)]) assert.equal(await use(key), 200);
  });

  const gateway = () => cluster.gateways[0] as Cluster['gateways'][number];

  async function createKey(): Promise<string> {
    const idempotencyKey = randomSecret();
    const { status, text } = await patiently(`${gateway().url}/api/v1/auth/keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cluster.adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({ name: 'made meanwhile' }),
    });
    assert.equal(status, 201, text);
    return (JSON.parse(text) as { key: string }).key;
  }
  async function use(key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}` };
    return (await patiently(`${gateway().url}${READ}`, { headers })).status;
  }
  /** Who has to ask the keys service may get a 503 when the replica that is asked leaves: clients ask again. */
  async function patiently(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(url, init);
      const text = await response.text();
      if (response.status !== 503 || attempt === PATIENCE) return { status: response.status, text };
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
  function useAllTheTime(key: string): typeof users {
    const failures: string[] = [];
    let count = 0;
    let isOver = false;
    const running = (async () => {
      while (!isOver) {
        const outcome = await use(key).catch((error: Error) => error.message);
        count += 1;
        if (outcome !== 200) failures.push(String(outcome));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const stop = () => {
      isOver = true;
      return running;
    };
    return { failures, used: () => count, stop };
  }
  function makeKeys(): typeof made {
    const tally = { failures: [] as string[], keys: [] as string[] };
    let isOver = false;
    const running = (async () => {
      while (!isOver) {
        try {
          const key = await createKey();
          tally.keys.push(key);
          assert.equal(await use(key), 200);
        } catch (error) {
          tally.failures.push((error as Error).message);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const stop = () => {
      isOver = true;
      return running;
    };
    return { ...tally, stop };
  }

  /** One after the other, each once the gateways are connected with the one before again. */
  async function restartReplicas(): Promise<void> {
    for (const replica of cluster.replicas) {
      const before = connectionsTo(replica.address);
      await replica.process.stop();
      await replica.start();
      await eventually(() => assert.ok(connectionsTo(replica.address) >= before));
    }
  }
  async function renewWorkers(): Promise<void> {
    const count = () => gateway().process.output().split('all workers have been replaced').length;
    const before = count();
    gateway().process.signal('SIGHUP');
    await eventually(() => assert.equal(count(), before + 1), { timeoutMs: 180_000 });
    // The former ones finish what they have, and are connected for as long.
    await eventually(() => assert.equal(childrenOf(gateway().process.pid), 2));
  }
  async function query(text: string): Promise<Record<string, unknown>[]> {
    const pool = createPool({
      connectionString: database.adminUrl,
      max: 1,
      applicationName: 'test',
      onError: () => {},
    });
    try {
      return (await pool.query<Record<string, unknown>>(text)).rows;
    } finally {
      await pool.end();
    }
  }

  it('of tag keys: known to all before the first makes any, and dropped last', async () => {
    write('tags', ring(tags, 0, 1));
    await renewWorkers();
    write('tags', ring(tags, 1, 0));
    await restartReplicas();
    write('tags', ring(tags, 1));
    await restartReplicas();
    await renewWorkers();
  });

  it('of peppers: known to all replicas before the first makes digests with it', async () => {
    write('peppers', ring(peppers, 0, 1));
    await restartReplicas();
    write('peppers', ring(peppers, 1, 0));
    await restartReplicas();
    const key = await createKey();
    assert.equal(await use(key), 200);
    await eventually(async () => {
      const rows = await query(`select pepper_id from api_keys where key_prefix = '${key.slice(0, 20)}'`);
      assert.match(String(rows[0]?.['pepper_id']), /^s1\./);
    });
    write('peppers', ring(peppers, 1));
    await restartReplicas();
  });

  it('of cache secrets: the new one before the former', async () => {
    write('caches', ring(caches, 1, 0));
    await renewWorkers();
    write('caches', ring(caches, 1));
    await renewWorkers();
  });

  it('of gRPC tokens: both known to the server, then the caller’s, then the former forgotten', async () => {
    write('callers', callers(0, 1));
    await restartReplicas();
    write('token', tokens[1] as string);
    await renewWorkers();
    write('callers', callers(1));
    await restartReplicas();
  });

  it('of certificates and their authority on gRPC, without a restart', async () => {
    const renewals = (output: string) => output.split('certificates have been renewed').length - 1;
    const outputs = () => [
      ...cluster.replicas.map((replica) => renewals(replica.process.output())),
      renewals(gateway().process.output()) / 2,
    ];
    const step = async (change: () => void) => {
      const expected = outputs().map((count) => count + 1);
      change();
      await eventually(() => assert.ok(outputs().every((count, index) => count >= (expected[index] ?? 0))));
    };
    // Whom to trust comes first, and goes last.
    await step(() => write('authorities', authority.certificate + nextAuthority.certificate));
    await step(() => installIdentities(nextAuthority));
    await step(() => write('authorities', nextAuthority.certificate));
    // Connections of before have been verified before: these are new.
    await restartReplicas();
    await renewWorkers();
    assert.equal(readFileSync(path('authorities'), 'utf8'), nextAuthority.certificate);
  });

  it('of a database password: by a second role that has the rights of the first', async () => {
    const { username } = new URL(database.url);
    const second = `${username}_${randomBytes(4).toString('hex')}`;
    const password = randomSecret();
    await query(`create role ${second} login inherit in role ${username} password '${password}'`);
    try {
      const url = new URL(database.url);
      [url.username, url.password] = [second, password];
      write('database', url.href);
      await restartReplicas();
    } finally {
      write('database', database.url);
      await restartReplicas();
      await query(`drop role ${second}`);
    }
  });
});

/** proc(5): how many processes a process has started that are not over. */
function childrenOf(pid: number): number {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).length;
}

/** proc(5): how many connections of this machine go to a port of its loopback address. */
function connectionsTo(address: string): number {
  const port = Number(address.split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
  const isEstablished = new RegExp(`^ *\\d+: [0-9A-F]+:[0-9A-F]+ 0100007F:${port} 01 `, 'gm');
  return readFileSync('/proc/net/tcp', 'latin1').match(isEstablished)?.length ?? 0;
}
