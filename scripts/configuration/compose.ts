/** What whoever runs `docker compose` may set: the variables that compose.yaml itself puts in, with their defaults. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VariableFacts } from '../../packages/service-kit/src/config-description.ts';

const PURPOSES: Readonly<Record<string, string>> = {
  ALLOW_INSECURE_HTTP:
    'From where the gateway takes keys over plain HTTP: in a container no client comes from the loopback address.',
  GATEWAY_PORT: 'Port of 127.0.0.1 on this machine that clients connect to.',
  HOKUSAI_VERSION: 'Tag of the images of the services.',
  LOG_LEVEL: 'Of all services.',
  NODE_IMAGE: 'The image that those of the services are built on.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'Where all services send traces: `http://otel-collector:4318` with the profile `telemetry`. They reach nothing outside.',
  OTEL_TRACES_SAMPLER_ARG: 'Share of the traces that are kept, from 0 to 1.',
  PUBLIC_ORIGINS: 'Origins by which browsers know the gateway; with `GATEWAY_PORT` in place of 8080.',
};

/** `${NAME:-default}`, whose default may hold such variables too. */
const VARIABLE = /(?<!\$)\$\{([A-Z0-9_]+)(?::?-((?:\$\{[^}]*\}|[^}])*))?/g;

/** In the order of the file; one that is not explained here has no purpose, which `npm run check` finds. */
export function composeVariables(): VariableFacts[] {
  const text = readFileSync(join(import.meta.dirname, '../../compose.yaml'), 'utf8');
  const found = new Map<string, string | undefined>();
  for (const [, name, fallback] of text.matchAll(VARIABLE)) {
    const isNew = name !== undefined && !found.has(name);
    if (isNew) found.set(name, fallback?.replace(/\$\{[A-Z0-9_]+:?-([^}]*)\}/g, '$1'));
  }
  return [...found].map(([name, fallback]) => ({
    ...{ name, purpose: PURPOSES[name] ?? '', kind: 'text' },
    ...{ isRequired: fallback === undefined, isSecret: false },
    ...(fallback ? { defaultText: fallback } : {}),
  }));
}
