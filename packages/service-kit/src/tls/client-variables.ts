/** TLS towards a backend whose URL asks for it: `<BACKEND>_TLS_CA`, `_TLS_CERT`, `_TLS_KEY`. */
import type { z } from 'zod';
import type { ConfigRule } from '../config.ts';
import { about } from '../config-description.ts';
import { certificates, pairProblems, privateKey } from './pem.ts';

/** Each in PEM, as Node's `tls.connect` takes them. */
export interface BackendTls {
  /** Whose certificates of servers are trusted; those that Node trusts if absent. */
  ca?: string;
  cert?: string;
  key?: string;
}

const shape = () => ({
  CA: about("Authorities of the server's certificate; the public ones if absent.", certificates().optional()),
  CERT: about(
    'Certificate of this service, for a server that asks for one. Both this and the key, or neither.',
    certificates().optional(),
  ),
  KEY: about('Private key of that certificate.', privateKey().optional()),
});

type Values = z.infer<z.ZodObject<ReturnType<typeof shape>>>;
type Named<Backend extends string, All> = {
  [Name in keyof All as `${Backend}_TLS_${Name & string}`]: All[Name];
};

/** For `defineConfig`, with `tlsClientRule`. */
export function tlsClientVariables<const Backend extends string>(
  backend: Backend,
): Named<Backend, ReturnType<typeof shape>> {
  const entries = Object.entries(shape()).map(([name, schema]) => [`${backend}_TLS_${name}`, schema]);
  return Object.fromEntries(entries) as Named<Backend, ReturnType<typeof shape>>;
}

/**
 * A certificate comes with its key; and nobody has to find out by a stranger's capture that `NATS_TLS_CA` beside
 * `nats://` encrypts nothing. `isSecure` tells of a backend's URL whether it asks for TLS.
 */
export function tlsClientRule<const Backend extends string>(
  backend: Backend,
  isSecure: (url: string) => boolean,
): ConfigRule<Named<Backend, Values> & Record<`${Backend}_URL`, string>> {
  return (config) => {
    const values = config as Readonly<Record<string, string | undefined>>;
    const names = ['CA', 'CERT', 'KEY'].map((name) => `${backend}_TLS_${name}`);
    const url = values[`${backend}_URL`];
    const given = names.find((name) => values[name] !== undefined);
    const problems = pairProblems(
      `${backend}_TLS`,
      values[`${backend}_TLS_CERT`],
      values[`${backend}_TLS_KEY`],
    );
    if (given !== undefined && url !== undefined && !isSecure(url))
      problems.push(`${given}: is of no use, as ${backend}_URL asks for no TLS`);
    return problems;
  };
}

/** What a client of the backend needs of the configuration. */
export function tlsClientOptions<const Backend extends string>(
  backend: Backend,
  config: Partial<Named<Backend, Values>>,
): BackendTls {
  const values = config as Readonly<Record<string, string | undefined>>;
  const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map((name) => values[`${backend}_TLS_${name}`]);
  return { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
}
