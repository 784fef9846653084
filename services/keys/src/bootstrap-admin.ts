/** Makes another admin key, on the keys host, when all are lost; prints the file that holds it. */
import { parseArgs } from 'node:util';
import { ConfigError, createPool, EXIT_CONFIG } from '@hokusai/service-kit';
import { makeAdminKey } from './application/bootstrap-admin.ts';
import { writeKeyFile } from './bootstrap/key-file.ts';
import { loadBootstrapConfig } from './config.ts';
import { createIssuing } from './issuing.ts';
import { createBootstrapStore } from './storage/bootstrap-store.ts';

const USAGE = `usage: hokusai-keys bootstrap-admin [--file PATH]

Makes an admin key and writes it to PATH, readable by you only. Without --file, to
BOOTSTRAP_ADMIN_KEY_FILE. A key that the file holds already is replaced there, and goes on working.
`;

async function bootstrapAdmin(args: string[]): Promise<void> {
  const options = { file: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ args, options });
  if (values.help) return void process.stdout.write(USAGE);
  const config = loadBootstrapConfig();
  const file = values.file ?? config.BOOTSTRAP_ADMIN_KEY_FILE;
  if (file === undefined) throw new ConfigError(['BOOTSTRAP_ADMIN_KEY_FILE: is required, or --file PATH']);
  const { policy, secrets, events, newId } = createIssuing(config);
  const pool = createPool({
    connectionString: config.KEYS_DATABASE_URL,
    max: 1,
    applicationName: 'hokusai-keys-bootstrap-admin',
    onError: () => {},
  });
  try {
    const store = createBootstrapStore(pool, policy.defaultLimits);
    const deliver = (key: string) => writeKeyFile(file, key);
    const { keyPrefix } = await makeAdminKey({
      store,
      secrets,
      events,
      limits: policy.defaultLimits,
      newId,
      deliver,
    });
    process.stdout.write(`wrote the admin key ${keyPrefix}… to ${file}\n`);
  } finally {
    await pool.end();
  }
}

try {
  await bootstrapAdmin(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`hokusai-keys: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
