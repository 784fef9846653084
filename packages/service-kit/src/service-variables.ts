/** Variables that mean the same to every service. */
import { accessSync, constants } from 'node:fs';
import { type ConfigValues, variable } from './config.ts';
import { about, ofKind, secret, shown, shownUrl } from './config-description.ts';
import { LOG_LEVELS } from './log.ts';
import { tlsClientOptions, tlsClientRule, tlsClientVariables } from './tls/client-variables.ts';

export const healthVariables = () => ({
  HEALTH_HOST: about(
    'Address of the health server, which supervisors ask.',
    ofKind('an address', shown(variable.text())).default('127.0.0.1'),
  ),
  HEALTH_PORT: about(
    'Port of the health server: `/livez`, `/readyz` and `/metrics`.',
    variable.port().default(0),
  ),
});

export const logVariables = () => ({
  LOG_LEVEL: about(
    'What is written to the log, and what is worse.',
    variable.oneOf(LOG_LEVELS).default('info'),
  ),
});

export const traceVariables = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: about(
    'Where traces go, by OTLP over HTTP in JSON, below its path `/v1/traces`. If neither this nor the next is set, nothing is traced.',
    secret(variable.url('http', 'https')).optional(),
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: about(
    'The same as a whole URL, which is used as it is. It goes before the other.',
    secret(variable.url('http', 'https')).optional(),
  ),
  OTEL_TRACES_SAMPLER_ARG: about(
    'Share of the traces that are begun here and kept, from 0 to 1. Who continues a trace does as it says.',
    ofKind(
      'a number from 0 to 1',
      shown(variable.text().regex(/^(?:0|1|0?\.\d+|1\.0+|0\.0*)$/, 'expected a number from 0 to 1')),
    ).default('1'),
  ),
});

export const natsVariables = () => ({
  NATS_URL: about(
    'Event broker, with the user and password of this service. `tls://` insists on TLS. Several are servers of one cluster, with the user and password of the first.',
    secret(variable.urls('nats', 'tls')),
  ),
  ...tlsClientVariables('NATS'),
});

/** What `openBus` needs of it. */
export const natsOptions = (config: ConfigValues<ReturnType<typeof natsVariables>>) => ({
  url: config.NATS_URL,
  tls: tlsClientOptions('NATS', config),
});

export const natsRule = () => tlsClientRule('NATS', (url) => url.startsWith('tls:'));

/** As node-postgres takes them; what its `sslmode`s short of these check differs from program to program. */
const SSL_MODES = ['disable', 'verify-full', 'no-verify'];

/** A URL of Postgres. TLS is part of it, as in libpq: `?sslmode=verify-full&sslrootcert=/path/of/ca.pem`. */
export const databaseUrl = () => {
  const url = variable.url('postgres', 'postgresql').superRefine((text, { addIssue }) => {
    const parameters = new URL(text).searchParams;
    const mode = parameters.get('sslmode');
    if (mode !== null && !SSL_MODES.includes(mode))
      addIssue(
        `expected sslmode=verify-full, with sslrootcert=FILE for an authority of your own; or one of ${SSL_MODES.join(', ')}`,
      );
    for (const name of ['sslrootcert', 'sslcert', 'sslkey'])
      if (!isReadable(parameters.get(name))) addIssue(`the file of its ${name} can not be read`);
  });
  return secret(shown(ofKind('a URL, postgres:// or postgresql://', url), shownUrl));
};

function isReadable(path: string | null): boolean {
  if (path === null) return true;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
