/** The documented callers, in TypeScript and Python, against the real service. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServiceClient, services } from '@hokusai/contracts';
import {
  createDatabase,
  freePort,
  grpcToken,
  pythonEnvironment,
  spawnService,
  type TestDatabase,
  type TestService,
} from '@hokusai/testing';
import { serviceEnvironment } from './support/service.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'docs/examples/grpc');
const run = promisify(execFile);

describe('the documented gRPC callers', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'hokusai-examples-'));
  let database: TestDatabase;
  let service: TestService;
  let settings: Record<string, string>;

  before(async () => {
    database = await createDatabase('keys');
    const port = await freePort();
    const keyFile = join(folder, 'admin.key');
    service = await spawnService({
      entry: 'services/keys/src/main.ts',
      env: {
        ...serviceEnvironment(database.url),
        KEYS_GRPC_PORT: String(port),
        HEALTH_PORT: String(await freePort()),
        BOOTSTRAP_ADMIN_KEY_FILE: keyFile,
      },
      readyTimeoutMs: 60_000,
    });
    const address = `127.0.0.1:${port}`;
    settings = {
      KEYS_GRPC_URL: address,
      KEYS_GRPC_TOKEN: grpcToken,
      ACTING_KEY_ID: await keyIdOf(readFileSync(keyFile, 'utf8').trim(), address),
    };
  });

  after(async () => {
    await service?.stop();
    await database?.close();
    rmSync(folder, { recursive: true });
  });

  async function keyIdOf(key: string, address: string): Promise<string> {
    const options = { peer: 'keys service', address, timeoutMs: 10_000, token: grpcToken };
    const client = createServiceClient(services.keyValidation, options);
    try {
      return (await client.call('ValidateKey', { key })).proof?.keyId ?? '';
    } finally {
      client.close();
    }
  }

  const environment = (own: object = {}) => ({ PATH: process.env['PATH'], ...settings, ...own });

  function checkTour(output: string): void {
    const lines = output.trimEnd().split('\n');
    const [created, count, rotated, revoked, error, ...details] = lines;
    const old = /^created (hk_live_\w{12})$/.exec(created ?? '')?.[1];
    assert.ok(old, output);
    assert.match(count ?? '', /^[2-9] keys$/);
    assert.match(rotated ?? '', new RegExp(`^rotated to hk_live_\\w{12}; ${old} works for an hour$`));
    assert.equal(revoked, 'revoked 1');
    assert.match(error ?? '', /^INVALID_ARGUMENT: The request breaks a rule: name: /);
    assert.match(details[0] ?? '', /^ {2}reason INVALID_FIELD( of hokusai)?$/i);
    assert.deepEqual(
      details
        .slice(1)
        .map((line) => line.split(':')[0])
        .toSorted(),
      ['  allowed_ips[1]', '  name'],
    );
  }

  it('do in TypeScript what they are to show', async () => {
    const { stdout } = await run(process.execPath, [join(examples, 'typescript/keys.ts')], {
      env: environment(),
    });
    checkTour(stdout);
  });

  describe('in Python', () => {
    let python: string;

    before(async function () {
      this.timeout(180_000);
      python = await pythonEnvironment('docs/examples/grpc/python/requirements.lock.txt');
      const protos = ['types', 'management'].map((name) => `protos/hokusai/keys/v1/${name}.proto`);
      const out = [`--python_out=${folder}`, `--grpc_python_out=${folder}`];
      await run(python, ['-m', 'grpc_tools.protoc', '-I', 'protos', ...out, ...protos], { cwd: root });
    });

    const tour = (own: object = {}) =>
      run(python, [join(examples, 'python/keys.py')], { env: environment({ PYTHONPATH: folder, ...own }) });

    it('do what they are to show', async () => {
      checkTour((await tour()).stdout);
    });

    it('read why they are refused', async () => {
      const { code, stdout } = await tour({ KEYS_GRPC_TOKEN: 'wrong' }).catch((error) => error);
      assert.equal(code, 1);
      assert.match(stdout, /^UNAUTHENTICATED: .*token.*\n {2}reason CALLER_UNKNOWN of hokusai\n$/);
    });
  });
});
