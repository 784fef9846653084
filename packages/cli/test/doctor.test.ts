/** `hokusai doctor` and its twin in Python, in every situation that they tell apart. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { diagnose } from '@hokusai/ml-platform';
import { CertificateAuthority } from '@hokusai/testing';
import { EXIT_CODES } from '../src/failure.ts';
import {
  assertAlike,
  type Diagnosed,
  nodeDoctor,
  type PythonDoctor,
  pythonDoctor,
  SCRIPT,
  startPythonDoctor,
} from './support/both-doctors.ts';
import { type Ended, hokusai } from './support/command.ts';
import { type DoctorGateway, json, startDoctorGateway, whoami } from './support/doctor-gateway.ts';
import { SITUATIONS } from './support/doctor-situations/index.ts';
import { OTHER_KEY, type Situation, VERSION, WHOAMI } from './support/doctor-situations/situation.ts';
import { CALLER_KEY } from './support/samples.ts';

const run = promisify(execFile);
const CHECKS = [
  'configuration',
  'dns',
  'tcp',
  'tls',
  'gateway',
  'clock',
  'key',
  'expiry',
  'scopes',
  'mlflow',
];
const ALL_CHECKS = [...CHECKS, 'bypass', 'artifacts', 'python'];
/** Plain HTTP on this machine, and a Python without MLflow. */
const SKIPPED_HERE = ['tls', 'python'];
/** What no report may hold: the secret parts of keys, and what stands in files and addresses. */
const PASSWORDS = ['hidden-word', 'a plain password', Buffer.from('ada:hidden-word').toString('base64')];
const SECRETS = [CALLER_KEY.slice(20), OTHER_KEY.slice(20), ...PASSWORDS];
const NOWHERE = 'http://127.0.0.1:1';

describe('hokusai doctor', function () {
  this.timeout(60_000);
  let gateway: DoctorGateway;
  let home: string;
  let python: string;
  let twin: PythonDoctor;
  let base: Record<string, string>;
  before(async () => {
    gateway = await startDoctorGateway();
    home = await mkdtemp(join(tmpdir(), 'hokusai-doctor-'));
    python = (await run('python3', ['-c', 'import sys; print(sys.executable)'])).stdout.trim();
    twin = startPythonDoctor(python);
    base = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CONFIG_HOME: join(home, 'config') };
  });
  afterEach(() => gateway.heal());
  after(async () => {
    await twin.close();
    await gateway.close();
    await rm(home, { recursive: true });
  });

  const sound = () => ({
    ...base,
    MLFLOW_TRACKING_URI: `${gateway.url}/mlflow`,
    MLFLOW_TRACKING_TOKEN: CALLER_KEY,
  });

  /** Both, compared; what that in Node came to. It looks at no Python, which would have to be started. */
  async function both(args: readonly string[], env: Record<string, string>) {
    const [node, script] = await Promise.all([
      nodeDoctor(['--python', '/nonexistent', ...args], env),
      twin.diagnose(args, env),
    ]);
    assertAlike(node, script, SECRETS);
    return node;
  }

  async function diagnosed({ env, args, files = {}, answers = {} }: Situation) {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(home, path)), { recursive: true });
      await writeFile(join(home, path), content, { mode: 0o600 });
    }
    for (const [start, handler] of Object.entries(answers)) gateway.on(start, handler);
    const more = args?.(gateway) ?? [];
    const direct = more.includes('--direct') ? [] : ['--direct', NOWHERE];
    try {
      return await both([...more, ...direct], { ...sound(), ...env?.(gateway) });
    } finally {
      for (const path of Object.keys(files)) await rm(join(home, path));
    }
  }

  describe('and its twin agree when', () => {
    for (const situation of SITUATIONS) {
      it(situation.name, async () => {
        const { report, code } = await diagnosed(situation);
        const { checks, failure = null, says = {} } = situation;
        assert.deepEqual(
          report.checks.map(({ name }) => name),
          ALL_CHECKS,
        );
        const different = report.checks
          .filter(({ saw }) => !/^Not looked at|^There is no address/.test(saw))
          .filter(({ name, status }) => status !== (SKIPPED_HERE.includes(name) ? 'skipped' : 'ok'))
          .map(({ name, status }) => [name, status]);
        assert.deepEqual(Object.fromEntries(different), checks, JSON.stringify(report));
        assert.equal(report.failure, failure);
        assert.equal(code, failure === null ? 0 : EXIT_CODES[failure]);
        for (const { name, status, saw, advice } of report.checks) {
          const text = [saw, ...advice].join('\n');
          assert.match(text, says[name] ?? /./);
          assert.ok(advice.length > 0 || !['failed', 'warning'].includes(status), text);
        }
      });
    }
  });

  it('says no more to the server than it needs, and spends two requests less with --read-only', async () => {
    await hokusai(['doctor', '--read-only', '--direct', NOWHERE], { env: sound() });
    assert.deepEqual(gateway.asked, [VERSION, WHOAMI, 'GET /mlflow/version', 'GET /mlflow/health']);
  });

  it('shows people what it saw and what to do, and says why it fails', async () => {
    gateway.on(
      WHOAMI,
      whoami({ name: 'red\u001b[31m', scopes: ['mlflow:read'], secret_valid_until: '2099-01-01T00:00:00Z' }),
    );
    const { code, stdout, stderr } = await hokusai(['doctor', '--direct', NOWHERE], { env: sound() });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^configuration {2}ok {7}The tracking URI is http/);
    assert.match(
      stdout,
      /\nkey {12}ok {7}The gateway knows hk_live_CALLER000000, “red\\u001b\[31m” of Ada\./,
    );
    assert.match(stdout, /\nexpiry {9}warning {2}The key was rotated.*\n {24}- Put the new secret/);
    assert.equal(stderr, 'It works, with warnings: expiry, scopes.\n');
    const strict = await hokusai(['doctor', '--strict', '--direct', NOWHERE], { env: sound() });
    assert.equal(strict.code, EXIT_CODES.incomplete);
    const script = await pythonDoctor(python, ['--strict', '--direct', NOWHERE], sound());
    assert.equal(script.code, EXIT_CODES.incomplete);
    gateway.heal();
    const failed = await hokusai(['doctor'], { env: { ...sound(), MLFLOW_TRACKING_TOKEN: OTHER_KEY } });
    assert.equal(failed.code, EXIT_CODES.unauthenticated);
    assert.equal(failed.stderr, 'hokusai: error: Failed: key.\n');
  });

  it('looks at the address of --url, and at a profile with its key', async () => {
    const folder = join(home, 'config/hokusai/profiles');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'default.json'), JSON.stringify({ url: gateway.url, key: CALLER_KEY }), {
      mode: 0o600,
    });
    const seen = ({ stdout }: Ended) => JSON.parse(stdout).checks[0].saw as string;
    try {
      const args = ['doctor', '--json', '--read-only', '--direct', NOWHERE];
      const byProfile = await hokusai(args, { env: base });
      assert.equal(byProfile.code, 0, byProfile.stdout);
      assert.match(
        seen(byProfile),
        /mlflow \(from profile "default"\)\..*hk_live_CALLER000000 \(from profile "default"/,
      );
      const elsewhere = await hokusai([...args, '--url', NOWHERE], { env: sound() });
      assert.match(seen(elsewhere), /127\.0\.0\.1:1\/mlflow \(from --url\)/);
      // The profile's key is for the profile's address alone.
      const foreign = await hokusai([...args, '--tracking-uri', `${NOWHERE}/mlflow`], { env: base });
      assert.match(seen(foreign), /There are no credentials/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what Python would do otherwise, where it has MLflow', async () => {
    const site = join(home, 'site/mlflow-2.22.0.dist-info');
    await mkdir(site, { recursive: true });
    await writeFile(join(site, 'METADATA'), 'Metadata-Version: 2.1\nName: mlflow\nVersion: 2.22.0\n');
    const PYTHONPATH = dirname(site);
    const args = ['--read-only', '--direct', NOWHERE];
    const checked = async (env: Record<string, string>) => {
      const all = { ...base, PYTHONPATH, ...env };
      const [node, script] = await Promise.all([
        hokusai(['doctor', '--json', '--python', python, ...args], { env: all }),
        pythonDoctor(python, args, all),
      ]);
      const { report } = assertSame(node, script);
      const { status, saw, advice } = report.checks.at(-1) ?? { saw: '', advice: [] };
      return { status, text: [saw, ...advice].join('\n') };
    };
    const fine = await checked(sound());
    assert.equal(fine.status, 'ok', fine.text);
    assert.match(
      fine.text,
      /mlflow 2\.22\.0.*a Bearer token, hk_live_CALLER000000 \(from MLFLOW_TRACKING_TOKEN\)/,
    );
    const other = await checked({
      MLFLOW_TRACKING_URI: `${gateway.url}/mlflow`,
      HOKUSAI_API_KEY: CALLER_KEY,
    });
    assert.equal(other.status, 'warning');
    assert.match(other.text, /no credentials\.\nPut the key into MLFLOW_TRACKING_TOKEN/);
    const local = await checked({ HOKUSAI_API_URL: gateway.url, MLFLOW_TRACKING_TOKEN: CALLER_KEY });
    assert.match(local.text, /files of its own.*\nSet MLFLOW_TRACKING_URI to http/);
  });

  describe('of certificates', () => {
    let authority: CertificateAuthority;
    let bundle: string;
    before(async () => {
      authority = new CertificateAuthority();
      bundle = join(home, 'ca.pem');
      await writeFile(bundle, authority.certificate);
    });
    after(() => authority.close());

    /** By the command as a process: it reads NODE_EXTRA_CA_CERTS at its start. */
    async function seen(names: string, days: number, trusted: boolean) {
      const secure = await startDoctorGateway(
        authority.issue({ commonName: 'gateway', altName: names, days }),
      );
      const trust: Record<string, string> = trusted
        ? { NODE_EXTRA_CA_CERTS: bundle, REQUESTS_CA_BUNDLE: bundle }
        : {};
      const env = { ...sound(), MLFLOW_TRACKING_URI: `${secure.url}/mlflow`, ...trust };
      const args = ['--direct', NOWHERE];
      const [node, script] = await Promise.all([
        hokusai(['doctor', '--json', '--python', python, ...args], { env }),
        pythonDoctor(python, args, env),
      ]);
      await secure.close();
      const { report, code } = assertSame(node, script);
      const tls = report.checks.find(({ name }) => name === 'tls');
      return { code, status: tls?.status, saw: tls?.saw ?? '' };
    }

    it('trusts those of the authorities that both are told of', async () => {
      const { code, status, saw } = await seen('IP:127.0.0.1', 90, true);
      assert.deepEqual([code, status], [0, 'ok'], saw);
      assert.match(saw, /^TLSv1\.3, the certificate of gateway, issued by Throw-away CA, valid until \d{4}-/);
    });

    it('warns of those that end soon', async () => {
      assert.equal((await seen('IP:127.0.0.1', 3, true)).status, 'warning');
    });

    it('are not asked for by http://: both say which address would', async () => {
      const names = { commonName: 'gateway', altName: 'IP:127.0.0.1', days: 90 };
      const secure = await startDoctorGateway(authority.issue(names));
      try {
        const { port } = secure;
        const { report, code } = await both([], {
          ...sound(),
          MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}/mlflow/`,
        });
        assert.equal(code, EXIT_CODES.configuration);
        const { status, saw, advice } = report.checks.find(({ name }) => name === 'gateway') ?? {};
        assert.deepEqual(
          [status, saw, advice?.[0]],
          [
            'failed',
            `127.0.0.1:${port} speaks TLS, and the tracking URI begins with http://.`,
            `Set MLFLOW_TRACKING_URI to https://127.0.0.1:${port}/mlflow.`,
          ],
        );
      } finally {
        await secure.close();
      }
    });

    it('are not there where something listens that speaks neither', async () => {
      const silent = createServer((socket) => void socket.on('error', () => undefined).end('220 mail\r\n'));
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      try {
        for (const [scheme, check] of [
          ['https', 'tls'],
          ['http', 'gateway'],
        ]) {
          const MLFLOW_TRACKING_URI = `${scheme}://127.0.0.1:${port}/mlflow`;
          const { report, code } = await both([], { ...sound(), MLFLOW_TRACKING_URI });
          assert.equal(code, EXIT_CODES.unavailable);
          const failed = report.checks.find(({ status }) => status === 'failed');
          assert.deepEqual([failed?.name, /speaks/.test(failed?.saw ?? '')], [check, false], failed?.saw);
        }
      } finally {
        silent.close();
      }
    });

    for (const [what, names, trusted] of [
      ['unknown authorities', 'IP:127.0.0.1', false],
      ['other hosts', 'DNS:other.example', true],
    ] as const) {
      it(`refuses those of ${what}`, async () => {
        const { code, status, saw } = await seen(names, 90, trusted);
        assert.deepEqual([code, status], [EXIT_CODES.unavailable, 'failed'], saw);
        assert.match(saw, /not trusted/);
      });
    }
  });

  describe('in Python', () => {
    it('takes Python 3.9 and nothing but its standard library', async () => {
      const check = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))
imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
names |= {node.module for node in imports if isinstance(node, ast.ImportFrom)}
print(sorted(name for name in names if name.split(".")[0] not in sys.stdlib_module_names))`;
      assert.equal((await run(python, ['-c', check, SCRIPT])).stdout, '[]\n');
    });

    it('shows the same to people', async () => {
      const args = ['--direct', NOWHERE];
      const [node, script] = await Promise.all([
        hokusai(['doctor', '--python', python, ...args], { env: sound() }),
        run(python, [SCRIPT, ...args], { env: sound() }),
      ]);
      assert.equal(script.stdout, node.stdout);
      assert.equal(script.stderr, node.stderr);
    });

    it('refuses a key on its command line, and whatever it does not know', async () => {
      const tooLong = ['--timeout', '3601'];
      for (const args of [['--tracking-uri', CALLER_KEY], ['--nonsense'], ['--timeout', '0'], tooLong]) {
        const ended = await run(python, [SCRIPT, ...args], { env: base }).catch((error: Ended) => error);
        assert.equal((ended as Ended).code, EXIT_CODES.usage, args.join(' '));
        assert.ok(!ended.stderr.includes(CALLER_KEY.slice(20)));
      }
    });
  });

  describe('that is ended during the artifact check', () => {
    const cleanUp = ['POST /mlflow/api/2.0/mlflow/runs/update', 'POST /mlflow/api/2.0/mlflow/runs/delete'];

    it('leaves no run, in Node', async () => {
      const ended = new AbortController();
      gateway.on('PUT /', () => ended.abort());
      const options = { env: sound(), directUrl: NOWHERE, signal: ended.signal };
      const { checks } = await diagnose({}, options);
      assert.match(checks.at(-2)?.saw ?? '', /The run and its file are deleted again\.$/);
      assert.deepEqual(
        gateway.asked.filter((line) => cleanUp.includes(line)),
        cleanUp,
      );
    });

    it('leaves no run, in Python', async () => {
      const child = spawn(python, [SCRIPT, '--direct', NOWHERE], { env: sound() });
      gateway.on('PUT /', () => void child.kill('SIGINT'));
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      assert.deepEqual([code, stderr], [EXIT_CODES.cancelled, 'The run and its file are deleted again.\n']);
      assert.deepEqual(
        gateway.asked.filter((line) => cleanUp.includes(line)),
        cleanUp,
      );
    });
  });

  it('waits an hour at most, in both', async () => {
    for (const seconds of ['0', '3601', '1e3', 'soon', '99999999999']) {
      const ended = await hokusai(['doctor', '--timeout', seconds], { env: base });
      assert.equal(ended.code, EXIT_CODES.usage, seconds);
      assert.match(ended.stderr, /--timeout.*Expected a whole number from 1 to 3600\./s);
    }
    assert.equal((await both(['--timeout', '3600'], sound())).code, 0);
  });

  it('survives what no server should say', async () => {
    gateway.on(VERSION, json(200, [1, 2] as unknown as object));
    gateway.on('GET /mlflow/version', json(200, { nested: [null] }));
    const { report } = await both([], sound());
    assert.equal(report.failure, 'configuration');
  });
});

/** A command that has ended, compared with its twin. */
function assertSame({ code, stdout, stderr }: Ended, script: Diagnosed): Diagnosed {
  const node = { report: JSON.parse(stdout), code, shown: `${stdout}${stderr}` };
  assertAlike(node, script, SECRETS);
  return node;
}
