/** Certificates that a process follows: until when they hold, and what is said of those that are of no use. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, defineConfig, followCertificates, type Lifecycle } from '@hokusai/service-kit';
import { CertificateAuthority, type Identity } from '@hokusai/testing';
import { certificates, privateKey } from '../src/tls/pem.ts';

const DAY_MS = 86_400_000;

describe('followed certificates', () => {
  const disposers: (() => void)[] = [];
  let folder: string;
  let authority: CertificateAuthority;
  let lines: string[];
  let shiftMs: number;

  before(() => {
    authority = new CertificateAuthority();
    folder = mkdtempSync(join(tmpdir(), 'hokusai-certificates-'));
  });
  beforeEach(() => {
    lines = [];
    shiftMs = 0;
  });
  afterEach(() => {
    for (const dispose of disposers.splice(0)) dispose();
  });
  after(() => {
    authority.close();
    rmSync(folder, { recursive: true });
  });

  const path = (name: string) => join(folder, name);
  const issue = (days: number) => authority.issue({ commonName: 'x', altName: 'DNS:localhost', days });
  const install = ({ certificate, key }: Identity) => {
    writeFileSync(path('cert'), certificate);
    writeFileSync(path('key'), key);
  };
  const endOf = (pem: string) => Date.parse(new X509Certificate(pem).validTo);
  /** SIGHUP has the files read at once. */
  const look = () => void process.emit('SIGHUP');

  function follow(authorities: string) {
    const optional = { X_GRPC_TLS_CA: certificates().optional(), NATS_TLS_CA: certificates().optional() };
    const configuration = defineConfig({
      X_GRPC_TLS_CERT: certificates(),
      X_GRPC_TLS_KEY: privateKey(),
      ...optional,
    });
    const env = {
      X_GRPC_TLS_CERT_FILE: path('cert'),
      X_GRPC_TLS_KEY_FILE: path('key'),
      NATS_TLS_CA: authorities,
    };
    Object.assign(process.env, env);
    disposers.push(() => {
      for (const name of Object.keys(env)) delete process.env[name];
    });
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'test', level: 'info', destination });
    const lifecycle: Pick<Lifecycle, 'onClose'> = {
      onClose: (_name, close) => void disposers.push(() => void close(new AbortController().signal)),
    };
    return followCertificates(
      configuration,
      configuration.load(),
      logger,
      lifecycle,
      () => Date.now() + shiftMs,
    );
  }

  it('end with the first of a chain, and with the last of several authorities', () => {
    const [short, long] = [issue(2), issue(9)];
    install({ certificate: long.certificate + short.certificate, key: long.key });
    const followed = follow(short.certificate + long.certificate);
    assert.deepEqual(
      followed.validities().map(({ variable, untilMs }) => [variable, untilMs]),
      [
        ['X_GRPC_TLS_CERT', endOf(short.certificate)],
        ['NATS_TLS_CA', endOf(long.certificate)],
      ],
    );
    assert.deepEqual(lines, []);
  });

  it('are warned of and used where they are past, or not valid yet', () => {
    install(issue(2));
    const followed = follow(authority.certificate);
    for (const [shift, problem] of [
      [5 * DAY_MS, 'is past its end'],
      [-5 * DAY_MS, 'is not valid yet'],
    ] as const) {
      shiftMs = shift;
      const renewed = issue(2);
      install(renewed);
      lines.length = 0;
      look();
      assert.equal(followed.now().X_GRPC_TLS_CERT, renewed.certificate.trim());
      const text = lines.join('');
      assert.match(text, /certificates have been renewed/);
      assert.match(text, new RegExp(`"level":"?warn.*the certificate X_GRPC_TLS_CERT ${problem}`));
      assert.doesNotMatch(text, /PRIVATE/);
    }
  });

  it('are told to be refused from the second look on, until they can be used', () => {
    const first = issue(2);
    install(first);
    const followed = follow(authority.certificate);
    const second = issue(3);
    writeFileSync(path('cert'), second.certificate);
    look();
    assert.equal(followed.hasRefused(), false);
    look();
    assert.equal(followed.hasRefused(), true);
    assert.equal(followed.validities()[0]?.untilMs, endOf(first.certificate));
    install(second);
    look();
    assert.equal(followed.hasRefused(), false);
    assert.equal(followed.validities()[0]?.untilMs, endOf(second.certificate));
  });
});
