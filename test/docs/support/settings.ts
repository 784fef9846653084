/** Settings of a service that a page shows: its `--check-config` has nothing against them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { parseEnv } from 'node:util';
import { CertificateAuthority } from '@hokusai/testing';
import { parse } from 'yaml';
import { leastSettings } from '../../../scripts/configuration/least-settings.ts';
import type { Ended, Reader } from './reader.ts';

const SECRET = Buffer.from('a secret of a page of the documents').toString('base64url');

/** @param service e.g. `gateway` @param settings beside what the service needs at least */
export function checkSettings(
  service: string,
  settings: Readonly<Record<string, string>>,
  reader: Reader,
): Promise<Ended> {
  // Files of a server, which this machine has none of.
  const files: string[] = [];
  const inFolder = (path: string) => files[files.push(join(reader.folder, 'etc', path)) - 1] ?? '';
  const shown = Object.entries(settings).map(([name, value]) => {
    const isFile = name.endsWith('_FILE') && isAbsolute(value);
    return [name, isFile ? inFolder(value) : value.replace(/(?<=sslrootcert=)[^&]+/, inFolder)] as const;
  });
  writeFiles(files);
  const least = Object.entries(leastSettings(SECRET)[service] ?? {}).filter(
    ([name]) => !(`${name}_FILE` in settings),
  );
  return reader.run(process.execPath, [`services/${service}/src/main.ts`, '--check-config'], {
    ...Object.fromEntries(least),
    ...Object.fromEntries(shown),
  });
}

export function settingsOfText(text: string): Record<string, string> {
  return parseEnv(text) as Record<string, string>;
}

/** The environment of a service in an override of compose.yaml. */
export function settingsOfCompose(text: string, service: string): Record<string, string> {
  const { services } = parse(text, { logLevel: 'error' }) as {
    services: Record<string, { environment?: Record<string, string | number> }>;
  };
  const environment = Object.entries(services[service]?.environment ?? {});
  assert.notEqual(environment.length, 0, `it sets nothing for ${service}`);
  return Object.fromEntries(environment.map(([name, value]) => [name, String(value)]));
}

/** A certificate with its key and authority, as the names of the files say; any other file holds a secret. */
function writeFiles(paths: readonly string[]): void {
  if (paths.length === 0) return;
  const authority = new CertificateAuthority();
  const { certificate, key } = authority.issue({
    commonName: 'registry.example',
    altName: 'DNS:registry.example',
  });
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    if (path.endsWith('ca.pem')) writeFileSync(path, authority.certificate);
    else writeFileSync(path, path.endsWith('.pem') ? certificate : key, { mode: 0o600 });
  }
  authority.close();
}
