/**
 * A tour of key management over gRPC: creates a key, lists, rotates and revokes it.
 *
 *     npm install
 *     KEYS_GRPC_URL=127.0.0.1:PORT KEYS_GRPC_TOKEN=… ACTING_KEY_ID=… node keys.ts
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Client,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTOS = join(import.meta.dirname, '../../../../protos');
/** Without a deadline a caller waits for as long as the service lets it. */
const DEADLINE_MS = 10_000;

interface Key {
  id: string;
  keyPrefix: string;
  retiredSecrets: { keyPrefix: string }[];
}

/** What this program uses of the answers; `proto-loader-gen-types` makes complete types of the protos. */
interface Answers {
  CreateKey: { key: Key; plaintext: string };
  ListKeys: { keys: Key[]; nextCursor: string };
  RotateKey: { key: Key; plaintext: string };
  RevokeKey: { key: Key; revokedCount: number };
}

type Call = <Method extends keyof Answers>(method: Method, request: object) => Promise<Answers[Method]>;

/** TLS if KEYS_GRPC_TLS_CA names a file with certificates of authorities, else plain HTTP/2. */
function openClient(): Client {
  const options = { includeDirs: [PROTOS], longs: String, enums: String, defaults: true };
  const loaded = loadPackageDefinition(loadSync('hokusai/keys/v1/management.proto', options)) as GrpcObject;
  const packages = ['hokusai', 'keys', 'v1', 'KeyManagementService'];
  const found = packages.reduce<GrpcObject | undefined>((at, name) => at?.[name] as GrpcObject, loaded);
  const KeyManagement = found as unknown as ServiceClientConstructor;
  const { KEYS_GRPC_TLS_CA: ca } = process.env;
  const channel = ca === undefined ? credentials.createInsecure() : credentials.createSsl(readFileSync(ca));
  return new KeyManagement(setting('KEYS_GRPC_URL'), channel);
}

function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`set ${name}`);
}

function callsOf(client: Client): Call {
  // Who calls: this program. For whom: the key that acts, whose owner answers for what is done.
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${setting('KEYS_GRPC_TOKEN')}`);
  const caller = { actingKeyId: setting('ACTING_KEY_ID'), requestId: randomUUID() };
  return (method, request) =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + DEADLINE_MS };
      const done = (error: ServiceError | null, answer: never) => (error ? reject(error) : resolve(answer));
      const methods = client as unknown as Record<string, (...args: unknown[]) => void>;
      methods[method]?.({ caller, ...request }, metadata, options, done);
    });
}

async function tour(call: Call): Promise<void> {
  const { key } = await call('CreateKey', { name: 'from TypeScript' });
  // The field `plaintext` is the whole key. It is answered this once: hand it on, and log its prefix only.
  console.log(`created ${key.keyPrefix}`);

  let count = 0;
  let cursor = '';
  do {
    const page = await call('ListKeys', { pageSize: 100, cursor });
    count += page.keys.length;
    cursor = page.nextCursor;
  } while (cursor !== '');
  console.log(`${count} keys`);

  const rotated = await call('RotateKey', { keyId: key.id, gracePeriod: { seconds: 3600 } });
  const [retired] = rotated.key.retiredSecrets;
  console.log(`rotated to ${rotated.key.keyPrefix}; ${retired?.keyPrefix} works for an hour`);

  const revoked = await call('RevokeKey', { keyId: key.id, reason: 'end of the tour' });
  console.log(`revoked ${revoked.revokedCount}`);

  const wrong = call('CreateKey', { name: '', allowedIps: ['10.0.0.0/8', 'nowhere'] });
  await wrong.catch(printError);
}

/** What went wrong, with the details of our trailer, which is JSON. */
function printError(error: ServiceError): void {
  console.log(`${status[error.code]}: ${error.details}`);
  const [trailer] = error.metadata?.get('hokusai-error-bin') ?? [];
  if (trailer === undefined) return;
  const { code, reason, violations, retryAfterSeconds } = JSON.parse(String(trailer));
  console.log(`  reason ${reason ?? code}`);
  for (const { path, message } of violations) console.log(`  ${path}: ${message}`);
  if (retryAfterSeconds !== undefined) console.log(`  may succeed after ${retryAfterSeconds} s`);
}

const client = openClient();
try {
  await tour(callsOf(client));
} catch (error) {
  if (!(error instanceof Error && 'code' in error)) throw error;
  printError(error as ServiceError);
  process.exitCode = 1;
} finally {
  client.close();
}
