/** Ways in which MLflow's client comes to grief at a gateway, each as its user has set it up. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { mintKey } from '@hokusai/key-format';
import { systemClock } from '@hokusai/service-kit';
import { CertificateAuthority, freePort } from '@hokusai/testing';
import type { KeyState } from '../../src/domain/key-state.ts';
import type { RateLimiter } from '../../src/domain/ports.ts';
import { policiesOf, Standing, unusedReading } from '../../src/domain/rate-limits.ts';
import { startGateway, type TestGateway, unlimited } from './gateway.ts';
import { type TestKey, testKey } from './key.ts';
import { listen, startHttpUpstream, startRawUpstream, type TestUpstream } from './upstream.ts';

export interface Situation {
  /** Title of its section in docs/troubleshooting/mlflow-errors.md. */
  title: string;
  env: Record<string, string>;
  call: readonly string[];
}

export interface Situations {
  all: Situation[];
  close(): Promise<void>;
}

const PAST_MS = Date.parse('2026-03-01T12:00:00Z');
const SEARCH = ['search'];
/** A gateway of another team's network is not there for tests: this name is never resolved (RFC 6761). */
const NO_HOST = 'http://registry.invalid/mlflow';

interface Servers {
  /** In front of MLflow. */
  gateway: TestGateway;
  /** Takes keys over TLS only, as it believes. */
  strict: TestGateway;
  /** In front of upstreams that are away, break off, and don't answer. */
  away: TestGateway;
  broken: TestGateway;
  slow: TestGateway;
  /** With a certificate that nobody knows. */
  tls: TestUpstream;
  /** Nobody listens there. */
  closedPort: number;
  close(): Promise<void>;
}

/** `runId` is a run that there is, in the MLflow at `upstreamUrl`. */
export async function clientSituations(upstreamUrl: string, runId: string): Promise<Situations> {
  const servers = await startServers(upstreamUrl);
  const all = [...ofCredentials(servers, runId), ...ofServers(servers), ...ofAddresses(servers)];
  return { all, close: () => servers.close() };
}

/** What is wrong with the key. */
function ofCredentials({ gateway, strict }: Servers, runId: string): Situation[] {
  const token = (key: string) => ({ ...at(gateway), MLFLOW_TRACKING_TOKEN: key });
  const of = (state: Partial<KeyState>) => token(gateway.add(testKey(state)).key);
  const { owner } = gateway.key.authenticated.state;
  const reader = of({ scopes: ['mlflow:read'] });
  const invented = mintKey('live', [], randomBytes).key;
  return [
    { title: 'No key', env: at(gateway), call: SEARCH },
    { title: 'Part of a key', env: token(gateway.key.key.slice(0, 40)), call: SEARCH },
    { title: 'Something else than a key', env: token('dapi0123456789'), call: SEARCH },
    {
      title: 'A password that is no key',
      env: { ...token(gateway.key.key), ...netrc('hunter2') },
      call: SEARCH,
    },
    { title: 'An unknown key', env: token(invented), call: SEARCH },
    {
      title: 'A revoked key',
      env: of({ revokedAtMs: PAST_MS, revokedReason: 'laptop stolen' }),
      call: SEARCH,
    },
    { title: 'An expired key', env: of({ expiresAtMs: PAST_MS }), call: SEARCH },
    { title: 'A replaced key', env: token(gateway.add(replacedKey()).key), call: SEARCH },
    { title: 'A disabled owner', env: of({ owner: { ...owner, disabledAtMs: PAST_MS } }), call: SEARCH },
    { title: 'Another address', env: of({ allowedIps: ['10.0.0.0/8'] }), call: SEARCH },
    { title: 'A missing scope', env: reader, call: ['create', 'an experiment'] },
    { title: 'A missing scope for a file', env: reader, call: ['upload', runId] },
    {
      title: 'Plain HTTP',
      env: { ...at(strict), MLFLOW_TRACKING_TOKEN: strict.key.key },
      call: SEARCH,
    },
  ];
}

/** What is wrong behind the gateway, or with how much is asked of it. */
function ofServers({ gateway, away, broken, slow }: Servers): Situation[] {
  const known = (where: TestGateway) => ({ ...at(where), MLFLOW_TRACKING_TOKEN: where.key.key });
  const limited = gateway.add(testKey({ limits: { ratePerHour: 1, burst: 1, burstWindowSeconds: 1 } }));
  return [
    { title: 'Too many requests', env: { ...at(gateway), MLFLOW_TRACKING_TOKEN: limited.key }, call: SEARCH },
    { title: 'MLflow is away', env: known(away), call: SEARCH },
    { title: 'MLflow broke off', env: known(broken), call: SEARCH },
    { title: 'MLflow is too slow', env: known(slow), call: SEARCH },
    { title: 'What is not there', env: known(gateway), call: ['run', '0123456789abcdef0123456789abcdef'] },
  ];
}

/** What is wrong with the address. */
function ofAddresses({ gateway, tls, closedPort }: Servers): Situation[] {
  const uri = (address: string) => ({ MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_TOKEN: gateway.key.key });
  return [
    { title: 'The address lacks /mlflow', env: uri(gateway.url), call: SEARCH },
    { title: 'Nobody listens', env: uri(`http://127.0.0.1:${closedPort}/mlflow`), call: SEARCH },
    { title: 'No such host', env: uri(NO_HOST), call: SEARCH },
    { title: 'An unknown certificate', env: uri(`https://localhost:${tls.port}/mlflow`), call: SEARCH },
    { title: 'https to a plain port', env: uri(`https://127.0.0.1:${gateway.port}/mlflow`), call: SEARCH },
    { title: 'http to a TLS port', env: uri(`http://127.0.0.1:${tls.port}/mlflow`), call: SEARCH },
  ];
}

function at({ url }: TestGateway): Record<string, string> {
  return { MLFLOW_TRACKING_URI: `${url}/mlflow` };
}

/** An entry in the file from which `requests` takes passwords before it looks at anything else. */
function netrc(password: string): Record<string, string> {
  return { NETRC_TEXT: `machine 127.0.0.1 login ada password ${password}\n` };
}

/** By a rotation whose grace is over. */
function replacedKey(): TestKey {
  const { prefix } = mintKey('live', [], randomBytes);
  const old = testKey({ acceptedSecrets: [{ keyPrefix: prefix, validUntilMs: null }] });
  const { authenticated } = old;
  return {
    ...old,
    authenticated: { ...authenticated, proof: { ...authenticated.proof, retiredAtMs: PAST_MS } },
  };
}

/** Keys with a limit of one request have used it up; all others have none. */
const limiter: RateLimiter = {
  charge: (state) => (state.limits.ratePerHour === 1 ? usedUp(state) : unlimited.charge(state)),
  known: (state) => (state.limits.ratePerHour === 1 ? usedUp(state) : unlimited.known(state)),
};

function usedUp(state: KeyState): Standing {
  const reading = unusedReading(systemClock);
  const used = { ...reading, hourUsed: 1, hourResetAtMs: reading.atMs + 1_000_000 };
  return new Standing('refused', policiesOf(state), used, 0, systemClock);
}

async function startServers(upstreamUrl: string): Promise<Servers> {
  const closedPort = await freePort();
  const breaking = await startRawUpstream((socket) => socket.once('data', () => socket.destroy()));
  const silent = await startHttpUpstream(() => {});
  const { server, authority } = serverOfUnknownAuthority();
  const tls = await listen(server, 0);
  const [gateway, strict, away, broken, slow] = await Promise.all([
    startGateway({ upstreamUrl, limiter }),
    startGateway({ upstreamUrl, allowInsecureHttp: 'never' }),
    startGateway({ upstreamUrl: `http://127.0.0.1:${closedPort}` }),
    startGateway({ upstreamUrl: breaking.url }),
    startGateway({ upstreamUrl: silent.url, timeouts: { responseMs: 100 } }),
  ]);
  const gateways = [gateway, strict, away, broken, slow];
  return {
    ...{ gateway, strict, away, broken, slow, tls, closedPort },
    close: async () => {
      await Promise.all(gateways.map((each) => each.close()));
      await Promise.all([breaking, silent, tls].map((each) => each.close()));
      authority.close();
    },
  };
}

function serverOfUnknownAuthority() {
  const authority = new CertificateAuthority();
  const { certificate, key } = authority.issue({ commonName: 'localhost', altName: 'DNS:localhost' });
  const server = createServer({ cert: certificate, key }, (_, outgoing) => outgoing.end());
  server.on('tlsClientError', () => {});
  return { server, authority };
}
