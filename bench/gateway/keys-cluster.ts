/** Gateways and replicas of the keys service as they come, in front of an upstream that answers at once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServiceClient, services } from '@hokusai/contracts';
import { type Cluster, grpcCallers, grpcToken, startCluster } from '@hokusai/testing';
import { Agent, request } from 'undici';
import { moveToSubjectCore } from '../lib/cores.ts';

export interface IssuedKey {
  id: string;
  plaintext: string;
}

export interface KeysCluster extends AsyncDisposable {
  gateways: Cluster['gateways'];
  /** Keys that nothing limits, and that no gateway has seen. */
  createKeys(count: number): Promise<IssuedKey[]>;
  /** Status of a request with the key. */
  use(gateway: number, key: IssuedKey): Promise<number>;
  /** The answer of the management API. */
  revoke(gateway: number, key: IssuedKey): Promise<RevocationAnswer>;
}

export interface RevocationAnswer {
  receipt: { complete: boolean; gateways: { status: string; lag_ms: number | null }[] };
}

/** As good as none. */
const UNLIMITED = 2 ** 31 - 1;
const PATH = '/mlflow/api/2.0/mlflow/runs/get?run_id=0123456789abcdef0123456789abcdef';

export async function startKeysCluster(size: { replicas: number; gateways: number }): Promise<KeysCluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(
    await startCluster({
      ...size,
      upstreamUrl: await startUpstream(stack),
      keysCallers: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
      keysSettings: { MAX_KEYS_PER_USER: '1000000', LOG_LEVEL: 'error' },
      gatewaySettings: { NODE_ENV: 'production' },
    }),
  );
  for (const { process } of cluster.gateways) await moveToSubjectCore(process.pid);
  const agent = stack.adopt(new Agent({ connections: 16 }), (each) => each.close());
  const createKeys = await keyFactory(stack, cluster);
  const ask = (gateway: number, path: string, options: { method: 'GET' | 'DELETE'; key: string }) =>
    request(`${cluster.gateways[gateway]?.url}${path}`, {
      ...{ dispatcher: agent, method: options.method, headers: { authorization: `Bearer ${options.key}` } },
    });
  const all = stack.move();
  return {
    gateways: cluster.gateways,
    createKeys,
    use: async (gateway, { plaintext }) => {
      const { statusCode, body } = await ask(gateway, PATH, { method: 'GET', key: plaintext });
      await body.dump();
      return statusCode;
    },
    revoke: async (gateway, { id }) => {
      const path = `/api/v1/auth/keys/${id}?wait=true`;
      const { statusCode, body } = await ask(gateway, path, { method: 'DELETE', key: cluster.adminKey });
      if (statusCode !== 200) throw new Error(`${statusCode} ${await body.text()}`);
      return (await body.json()) as RevocationAnswer;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startUpstream(stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((_, outgoing) => outgoing.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function keyFactory(
  stack: AsyncDisposableStack,
  { replicas, adminKey }: Cluster,
): Promise<KeysCluster['createKeys']> {
  const address = replicas.map((replica) => replica.address).join();
  const peer = { peer: 'keys service', address, timeoutMs: 60_000, token: grpcToken };
  const management = stack.adopt(createServiceClient(services.keyManagement, peer), (each) => each.close());
  const validation = stack.adopt(createServiceClient(services.keyValidation, peer), (each) => each.close());
  const { proof } = await validation.call('ValidateKey', { key: adminKey });
  const caller = { actingKeyId: proof?.keyId ?? '', requestId: 'bench' };
  const limits = { rateLimitPerHour: UNLIMITED, burstLimit: UNLIMITED };
  return async (count) => {
    const keys: IssuedKey[] = [];
    while (keys.length < count) {
      const { key, plaintext } = await management.call('CreateKey', { caller, name: 'bench', ...limits });
      keys.push({ id: key?.id ?? '', plaintext });
    }
    return keys;
  };
}
