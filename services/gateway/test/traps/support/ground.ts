/**
 * Where the traps are set: a gateway as it runs, a process before real Redis and NATS and a keys service that
 * does what it is told. MLflow's place is taken by two servers that remember all they get: one for live keys
 * and, for those traps that need an upstream to misbehave to the byte, a raw one for test keys. Another raw
 * one stands where upgraded connections go.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type CloudEvent, SUBJECTS, type UsageBatch } from '@hokusai/contracts';
import { KEY_LENGTH, mintKey, parseTagRing, type TagRing } from '@hokusai/key-format';
import {
  type BusListener,
  createNats,
  createRedis,
  dumpRedis,
  eventually,
  freePort,
  grpcToken,
  listenToBus,
  spawnService,
  type TestNats,
  type TestRedis,
  type TestService,
} from '@hokusai/testing';
import type { KeyState } from '../../../src/domain/key-state.ts';
import { FakeKeysService } from '../../support/keys-service/fake.ts';
import { parseAnswer, type RawAnswer, type RawConnection, rawConnection } from '../../support/raw-client.ts';
import { assertAuthorised } from './authorised.ts';
import { findSecrets, type Place } from './secret-search.ts';
import {
  type RawUpstream,
  repeatRequest,
  startRawUpstream,
  startTrapUpstream,
  type TrapUpstream,
} from './upstream.ts';

export type UsageRecord = UsageBatch['requests'][number];

export const READ = '/mlflow/api/2.0/mlflow/runs/get';
export const WRITE = '/mlflow/api/2.0/mlflow/runs/create';
export const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/model.bin';
/** Nobody's but an MLflow administrator's, which no key of the traps is. */
export const ADMIN = '/mlflow/api/2.0/mlflow/users/create';

/** Where upgrades are passed on. */
export const TUNNEL = '/tunnel/socket';
const TUNNEL_ROW = {
  id: 'tunnel',
  prefix: '/tunnel',
  upgrade: true,
  read_scope: 'mlflow:read',
  write_scope: 'mlflow:write',
};

const ENTRY = 'services/gateway/src/main.ts';
const NO_LIMIT = 2_000_000_000;
const MEMBER_SCOPES = ['mlflow:read', 'mlflow:write', 'mlflow:delete', 'mlflow:invoke'] as const;

/** A gateway process before the ground's backends. */
export interface GatewayProcess {
  port: number;
  healthPort: number;
  service: TestService;
}

export class Ground {
  upstream!: TrapUpstream;
  raw!: RawUpstream;
  /** Behind TUNNEL, and the only one that is asked for upgrades. */
  tunnel!: RawUpstream;
  keys!: FakeKeysService;
  redis!: TestRedis;
  nats!: TestNats;
  /** May do everything but administrate. */
  key!: string;
  /** May read. */
  reader!: string;
  /** Like `key`, but gets to the raw upstream. */
  testKey!: string;
  /** Of all keys that were added, by id. */
  readonly states = new Map<string, KeyState>();
  readonly #tagSecret = `t1:${randomBytes(32).toString('base64url')}`;
  readonly #ring: TagRing;
  readonly #secrets = new Set<string>();
  readonly #ids = new Map<string, string>();
  readonly #answers: (() => string)[] = [];
  readonly #processes: GatewayProcess[] = [];
  #bus!: BusListener;
  /** Says how a gateway came to its end, should one do so by itself. */
  #obituary: Error | undefined;
  #isClosing = false;
  #judged = 0;
  #judgedRaw = 0;

  constructor() {
    const parsed = parseTagRing(this.#tagSecret);
    assert.ok(parsed.problem === undefined);
    this.#ring = parsed.ring;
  }

  async start(): Promise<void> {
    this.keys = new FakeKeysService();
    await this.keys.start();
    this.upstream = await startTrapUpstream();
    this.raw = await startRawUpstream();
    this.tunnel = await startRawUpstream();
    [this.redis, this.nats] = await Promise.all([createRedis(), createNats()]);
    this.#bus = await listenToBus(this.nats.urls.admin);
    this.key = this.add();
    this.reader = this.add({ scopes: ['mlflow:read'] });
    this.testKey = this.add({ environment: 'test' });
    await this.startGateway();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#processes.map(({ service }) => service.stop()));
    await this.#bus?.close();
    await Promise.all([this.redis?.close(), this.nats?.close()]);
    await Promise.all([this.upstream?.close(), this.raw?.close(), this.tunnel?.close(), this.keys?.stop()]);
  }

  /** Another gateway process, with other settings; the first one is the one that all else here is about. */
  async startGateway(settings: Record<string, string> = {}): Promise<GatewayProcess> {
    const port = await freePort();
    const env = { ...(await this.#settings(port)), ...settings };
    const service = await spawnService({ entry: ENTRY, env, readyTimeoutMs: 30_000 });
    const started = { port, healthPort: Number(env['HEALTH_PORT']), service };
    void service.exited.then((exit) => {
      if (!this.#isClosing)
        this.#obituary = new Error(
          `a gateway ended: ${JSON.stringify(exit)}\n${service.output().slice(-3000)}`,
        );
    });
    this.#processes.push(started);
    return started;
  }

  async #settings(port: number): Promise<Record<string, string>> {
    return {
      GATEWAY_PORT: String(port),
      HEALTH_PORT: String(await freePort()),
      KEYS_GRPC_URL: this.keys.address,
      KEYS_GRPC_TOKEN: grpcToken,
      // Nobody asks for usage.
      USAGE_GRPC_URL: '127.0.0.1:9',
      USAGE_GRPC_TOKEN: grpcToken,
      AUDIT_GRPC_URL: '127.0.0.1:9',
      AUDIT_GRPC_TOKEN: grpcToken,
      REDIS_URL: this.redis.url,
      NATS_URL: this.nats.urls.gateway,
      MLFLOW_UPSTREAM_URL: this.upstream.url,
      MLFLOW_TEST_UPSTREAM_URL: this.raw.url,
      UPSTREAMS: JSON.stringify([{ ...TUNNEL_ROW, target: this.tunnel.url }]),
      CACHE_SECRETS: `a:${randomBytes(32).toString('base64url')}`,
      KEY_TAG_SECRETS: this.#tagSecret,
      LOG_LEVEL: 'trace',
      USAGE_FLUSH_MS: '20',
      SHUTDOWN_IDLE_MS: '100',
      // In traps that are not about limits nothing is limited.
      AUTH_FAILURES_PER_MINUTE: '1000',
      UPSTREAM_MAX_IN_FLIGHT: '4096',
      KEY_MAX_IN_FLIGHT: '4096',
    };
  }

  get port(): number {
    return this.#first.port;
  }

  get pid(): number {
    return this.#first.service.pid;
  }

  get #first(): GatewayProcess {
    const [first] = this.#processes;
    assert.ok(first, 'the gateway has not been started');
    return first;
  }

  /** A new key with a genuine tag, known to the keys service. */
  add(state: Partial<KeyState> = {}): string {
    const key = this.mint(state.environment);
    const limits = { ratePerHour: NO_LIMIT, burst: NO_LIMIT, burstWindowSeconds: 1 };
    const { state: whole } = this.keys.add({ scopes: [...MEMBER_SCOPES], limits, ...state }, key);
    this.states.set(whole.keyId, whole);
    this.#ids.set(key, whole.keyId);
    this.#secrets.add(key);
    return key;
  }

  /** Of a key that was added. */
  idOf(key: string): string | undefined {
    return this.#ids.get(key);
  }

  /** A well-formed key with a genuine tag that nobody has. */
  stranger(): string {
    return this.noted(this.mint());
  }

  /** The same, but not looked for at the end. */
  mint(environment: KeyState['environment'] = 'live'): string {
    return mintKey(environment, this.#ring, randomBytes).key;
  }

  /** Has a secret looked for at the end. */
  noted(secret: string): string {
    this.#secrets.add(secret);
    return secret;
  }

  async connect(port = this.port): Promise<RawConnection> {
    const connection = await rawConnection(port);
    this.#answers.push(connection.text);
    return connection;
  }

  /** Sends bytes on a connection of their own; resolves with all that came back until it closed. */
  async send(bytes: string | Buffer, port = this.port): Promise<string> {
    const connection = await this.connect(port);
    connection.send(bytes);
    return await connection.closed();
  }

  /** A request that ends its connection, with the key unless it brings one itself; the first answer to it. */
  async ask(requestLine: string, lines: string[] = [], body = ''): Promise<RawAnswer> {
    return parseAnswer(await this.send(this.request(requestLine, lines, body)));
  }

  /** The bytes of that. */
  request(requestLine: string, lines: string[] = [], body = ''): string {
    const all = [`${requestLine} HTTP/1.1`, 'Host: gateway.example', 'Connection: close', ...lines];
    const bringsKey = /^(authorization|x-api-key):/i;
    if (!requestLine.includes('pi_key=') && !lines.some((line) => bringsKey.test(line)))
      all.push(`Authorization: Bearer ${this.key}`);
    if (body !== '') all.push(`Content-Length: ${body.length}`);
    return `${all.join('\r\n')}\r\n\r\n${body}`;
  }

  /** The usage that is recorded of a request, once it has been published. */
  usageOf(requestId: string): Promise<UsageRecord> {
    return eventually(() => {
      const [record, ...others] = this.#bus.messages
        .filter(({ subject, text }) => subject === SUBJECTS.usageRequests && text.includes(requestId))
        .flatMap(({ text }) => (JSON.parse(text) as CloudEvent<UsageBatch>).data.requests)
        .filter((each) => each.request_id === requestId);
      assert.ok(record, `no usage of ${requestId}`);
      assert.deepEqual(others, []);
      return record;
    });
  }

  /** A test of one trap. Whatever it does, the process must live and nothing may have got past the gateway. */
  trap(name: string, work: (this: Mocha.Context) => Promise<void>): void {
    const ground = this;
    it(name, async function () {
      ground.#calm();
      try {
        await work.call(this);
        ground.#calm();
        await ground.assertUnharmed();
      } catch (error) {
        throw (await ground.#obituarySoon()) ?? error;
      }
    });
  }

  /** The upstreams do nothing out of the ordinary any more. */
  #calm(): void {
    this.upstream.answer = repeatRequest;
    for (const upstream of [this.raw, this.tunnel]) {
      upstream.onSocket = (socket) => void socket.destroy();
      upstream.hangUp();
    }
  }

  /** A connection tells of the end of a process before its parent hears of it. */
  async #obituarySoon(): Promise<Error | undefined> {
    return await eventually(() => this.#obituary ?? assert.fail(), { timeoutMs: 300 }).catch(() => undefined);
  }

  async assertUnharmed(): Promise<void> {
    const { status, body } = await this.ask(`GET ${READ}?unharmed`);
    assert.equal(status, 200, `the next request is not served: ${body}`);
    this.assertNothingUnauthorised();
  }

  /** Judges what came to the upstreams since it was last called. */
  assertNothingUnauthorised(): void {
    const { upstream, raw, states } = this;
    const heads = upstream.heads.slice(this.#judged);
    const rawHeads = raw.heads.slice(this.#judgedRaw);
    this.#judged += heads.length;
    this.#judgedRaw += rawHeads.length;
    assert.deepEqual([...upstream.violations, ...raw.violations], []);
    assert.equal(upstream.requests.length, upstream.heads.length, 'two parsers read different requests');
    for (const head of heads) assertAuthorised(head, states, upstream.host);
    for (const head of rawHeads) assertAuthorised(head, states, raw.host);
    const text = [...heads, ...rawHeads].map((head) => head.raw).join('\n');
    assert.deepEqual(findSecrets(this.#secrets, [{ name: 'upstream', text }]), []);
  }

  /** Of the first gateway, with what it counted of all that came. */
  async #metrics(): Promise<string> {
    const text = await (await fetch(`http://127.0.0.1:${this.#first.healthPort}/metrics`)).text();
    assert.match(text, /^hokusai_gateway_requests_total\{.*route="\/api\/2.0\/mlflow\/runs\/get".*\} [1-9]/m);
    return text;
  }

  /** Everything that a key may have leaked into. */
  async places(): Promise<Place[]> {
    const logs = this.#processes.map(({ service }) => service.output());
    const heads = [...this.upstream.heads, ...this.raw.heads].map(({ raw }) => raw);
    return [
      { name: 'upstream', text: this.upstream.received() },
      { name: 'upstream of test keys', text: this.raw.received() },
      { name: 'upstream of tunnels', text: this.tunnel.received() },
      { name: "upstreams' request heads", text: heads.join('\n') },
      { name: 'answers to clients', text: this.#answers.map((text) => text()).join('\n') },
      { name: 'logs', text: logs.join('\n') },
      { name: 'events', text: this.#bus.messages.map(({ text }) => text).join('\n') },
      { name: 'metrics', text: await this.#metrics() },
      { name: 'Redis', text: [...(await dumpRedis(this.redis.url)).values()].join('\n') },
    ];
  }

  /**
   * Throws where any of the secrets stands in any of the places. Before, something that may be seen is put
   * into each of them and has to be found: else nothing might have been recorded, or nothing be findable.
   */
  async assertNoSecretAnywhere(): Promise<void> {
    const canary = randomBytes(KEY_LENGTH / 2).toString('hex');
    this.raw.onSocket = (socket) => socket.on('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    this.tunnel.onSocket = this.raw.onSocket;
    for (const [target, key] of [
      [READ, this.key],
      [READ, this.testKey],
      [TUNNEL, this.key],
    ])
      await this.ask(`GET ${target}`, [`X-Request-ID: ${canary}`, `Authorization: ${key}`]);
    // Logs and events are written a little later.
    const places = await eventually(async () => {
      const found = await this.places();
      const seen = new Set(findSecrets([canary], found).map(({ place }) => place));
      // Metrics hold no text of a client, and are looked at for what they count instead.
      const expected = found.map(({ name }) => name).filter((name) => !['Redis', 'metrics'].includes(name));
      assert.deepEqual([...seen], expected);
      return found;
    });
    assert.deepEqual(findSecrets(this.#secrets, places), []);
  }
}
