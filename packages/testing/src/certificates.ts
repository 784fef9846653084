/** Throw-away certificates, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  /** Both in PEM. */
  certificate: string;
  key: string;
}

export interface IdentityOptions {
  commonName: string;
  /** In openssl's words, such as `DNS:localhost`. */
  altName?: string;
  days?: number;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority in a folder of its own. */
export class CertificateAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hokusai-ca-'));
  #count = 0;

  constructor() {
    const files = ['-keyout', this.#path('ca.key'), '-out', this.#path('ca.pem')];
    this.#openssl('req', '-x509', ...NEW_KEY, ...files, '-subj', '/CN=Throw-away CA', '-days', '1');
  }

  get certificate(): string {
    return readFileSync(this.#path('ca.pem'), 'utf8');
  }

  issue({ commonName, altName, days = 1 }: IdentityOptions): Identity {
    this.#count += 1;
    const [key, request, certificate, extensions] = ['key', 'csr', 'pem', 'cnf'].map((kind) =>
      this.#path(`${this.#count}.${kind}`),
    ) as [string, string, string, string];
    this.#openssl('req', '-new', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${commonName}`);
    const names = altName === undefined ? '' : `subjectAltName=${altName}\n`;
    writeFileSync(extensions, `basicConstraints=CA:FALSE\n${names}`);
    const signer = ['-CA', this.#path('ca.pem'), '-CAkey', this.#path('ca.key'), '-CAcreateserial'];
    const what = ['-in', request, '-out', certificate, '-days', String(days), '-extfile', extensions];
    this.#openssl('x509', '-req', ...what, ...signer);
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
