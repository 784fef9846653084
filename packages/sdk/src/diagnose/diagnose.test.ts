import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { ResolvedConfig } from '../config/config.ts';
import { HostNotFoundError, ServerError } from '../errors/errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { DiagnoseDependencies } from './dependencies.ts';
import { type DiagnoseOptions, runDiagnosis } from './diagnose.ts';
import { CHECK_NAMES, type CheckName } from './report.ts';

const KEY = `hk_live_0123456789ab${'s'.repeat(38)}`;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const ENV = { MLFLOW_TRACKING_URI: 'https://gateway.example/mlflow', MLFLOW_TRACKING_TOKEN: KEY };
const CALLER = {
  ...{ key_prefix: KEY.slice(0, 20), name: 'ci', user: { display_name: 'Ada' } },
  ...{ scopes: ['mlflow:read'], expires_at: null, secret_valid_until: null },
};
const SOUND: Record<string, unknown> = {
  'https://gateway.example/api/v1/version': { service: 'hokusai-gateway', version: '1.2.3' },
  'https://gateway.example/api/v1/auth/whoami': CALLER,
  'https://gateway.example/mlflow/version': '3.17.2',
  'https://gateway.example/mlflow/health': 'OK',
};

/** Answers by address; what is an Error is thrown, and where there is nothing the server is away. */
function client({ trackingUri }: ResolvedConfig, answers: Record<string, unknown>): HttpClient {
  const unused = () => Promise.reject(new Error('not to be called'));
  return {
    json: unused,
    upload: unused,
    close: () => undefined,
    download({ path }) {
      const found =
        answers[trackingUri.href.replace(/\/$/, '') + path] ?? new ServerError('away', { status: 503 });
      if (found instanceof Error) return Promise.reject(found);
      const text = typeof found === 'string' ? found : JSON.stringify(found);
      const headers = { date: new Date(NOW).toUTCString() };
      return Promise.resolve({ body: Readable.from([Buffer.from(text)]), size: null, status: 200, headers });
    },
  };
}

function dependencies(
  answers: Record<string, unknown>,
  more: Partial<DiagnoseDependencies> = {},
): DiagnoseDependencies {
  return {
    env: ENV,
    clock: { now: () => NOW, elapsed: () => 0 },
    readHomeFiles: () => ({ netrc: undefined, mlflowCredentials: undefined }),
    fileExists: () => true,
    lookup: () => Promise.resolve(['192.0.2.1']),
    connect: () => Promise.resolve('192.0.2.1'),
    handshake: () =>
      Promise.resolve({ protocol: 'TLSv1.3', problem: null, subject: 'a', issuer: 'b', validTo: NOW + 9e9 }),
    speaksHttp: () => Promise.resolve(false),
    createClient: (config) => client(config, answers),
    inspectPython: () => Promise.resolve(undefined),
    randomBytes: (size) => new Uint8Array(size),
    ...more,
  };
}

async function statuses(
  answers: Record<string, unknown>,
  more: Partial<DiagnoseDependencies> = {},
  options: DiagnoseOptions = {},
) {
  const report = await runDiagnosis({}, { readOnly: true, ...options }, dependencies(answers, more));
  const of = (name: CheckName) => report.checks.find((check) => check.name === name);
  return { report, of };
}

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe('runDiagnosis', () => {
  it('looks at everything, in order', async () => {
    const { report, of } = await statuses(SOUND);
    assert.deepEqual(
      report.checks.map(({ name }) => name),
      CHECK_NAMES,
    );
    assert.equal(report.verdict, 'warning', JSON.stringify(report));
    assert.equal(report.target, ENV.MLFLOW_TRACKING_URI);
    assert.deepEqual([of('scopes')?.status, of('key')?.status, of('tls')?.status], ['warning', 'ok', 'ok']);
  });

  it('does not go on where the way ends, and names the step at which it did', async () => {
    for (const [name, more, saw] of [
      ['dns', { lookup: failing('ENOTFOUND') }, /ENOTFOUND/],
      ['tcp', { connect: failing('ETIMEDOUT') }, /within 5 s/],
      ['tls', { handshake: failing('ECONNRESET') }, /does not speak TLS/],
    ] as const) {
      const { report, of } = await statuses(SOUND, more);
      assert.deepEqual(
        [report.verdict, report.failure, of(name)?.status],
        ['failed', 'unavailable', 'failed'],
      );
      assert.match(of(name)?.saw ?? '', saw);
      assert.equal(of('key')?.saw, `Not looked at, since ${name} failed.`);
      assert.equal(of('python')?.status, 'skipped');
    }
  });

  it('judges certificates', async () => {
    const shown = {
      protocol: 'TLSv1.3',
      problem: null,
      subject: 'a',
      issuer: 'b',
      validTo: NOW + 13.9 * 86_400_000,
    };
    assert.equal(
      (await statuses(SOUND, { handshake: () => Promise.resolve(shown) })).of('tls')?.status,
      'warning',
    );
    const untrusted = { ...shown, problem: 'CERT_HAS_EXPIRED' };
    const { of } = await statuses(SOUND, { handshake: () => Promise.resolve(untrusted) });
    assert.match(of('tls')?.saw ?? '', /not trusted \(CERT_HAS_EXPIRED\)/);
  });

  it('finds a gateway behind the prefix of a proxy, and MLflow below a prefix of the gateway', async () => {
    const base = 'https://gateway.example/a/b';
    const env = { ...ENV, MLFLOW_TRACKING_URI: `${base}/team/mlflow` };
    const unknown = new HostNotFoundError('x');
    const answers = {
      [`${base}/team/api/v1/version`]: 'web page',
      [`${base}/api/v1/version`]: { service: 'hokusai-gateway', version: '1' },
      'https://gateway.example/a/api/v1/version': unknown,
      [`${base}/api/v1/auth/whoami`]: CALLER,
      [`${base}/team/mlflow/version`]: '3.1.0',
      [`${base}/team/mlflow/health`]: 'OK',
    };
    const { of } = await statuses(answers, { env });
    assert.equal(of('gateway')?.saw, `A Hokusai gateway 1 answers at ${base}.`);
    assert.equal(of('key')?.status, 'ok');
  });

  it('asks a server that is away once', async () => {
    const asked: string[] = [];
    const createClient = (config: ResolvedConfig) => {
      asked.push(config.trackingUri.href);
      return client(config, {});
    };
    const { report } = await statuses({}, { createClient });
    assert.deepEqual([report.failure, asked], ['unavailable', ['https://gateway.example/']]);
  });

  it('ends when it is told to', async () => {
    const { report } = await statuses(SOUND, {}, { signal: AbortSignal.abort() });
    assert.ok(report.checks.every(({ status }) => status === 'skipped'));
  });

  it('goes on after a defect of a check, and tells of it', async () => {
    const { of, report } = await statuses(
      SOUND,
      {
        inspectPython: () => Promise.reject(new Error('no shell')),
      },
      { python: 'python3' },
    );
    assert.deepEqual([of('python')?.status, report.failure], ['failed', 'incomplete']);
  });

  it('never throws and never tells the key, whatever a server says', async () => {
    const field = (value: unknown) => fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, fc.jsonValue());
    const fields = Object.entries(CALLER).map(([name, value]) => [name, field(value)]);
    const caller = fc.record(Object.fromEntries(fields));
    const said = fc.oneof(
      caller,
      fc.json(),
      fc.string(),
      fc.constant(KEY),
      fc.constant({ ...CALLER, name: KEY }),
    );
    const addresses = Object.keys(SOUND);
    const answers = fc.record(
      Object.fromEntries(addresses.map((address) => [address, fc.oneof(said, fc.constant(SOUND[address]))])),
    );
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const { report } = await statuses(given);
        assert.ok(!JSON.stringify(report).includes(KEY.slice(20)));
        assert.ok(
          report.checks.every(({ saw }) => !saw.includes('has a defect')),
          JSON.stringify(report),
        );
      }),
      { numRuns: 200 },
    );
  });
});
