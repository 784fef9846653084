/** Makes another admin key, on the keys host, when all are lost; prints the file that holds it. */
import { createPool } from '@hokusai/service-kit';
import { makeAdminKey } from './application/bootstrap-admin.ts';
import { type Arguments, readArguments, USAGE } from './bootstrap/arguments.ts';
import { explainFailure } from './bootstrap/failures.ts';
import { hostUser } from './bootstrap/host-user.ts';
import { draftKeyFile } from './bootstrap/key-file.ts';
import { loadBootstrapConfig } from './config.ts';
import { createIssuing } from './issuing.ts';
import { createBootstrapStore } from './storage/bootstrap-store.ts';

async function bootstrapAdmin({ file, reason }: Arguments): Promise<string> {
  const config = loadBootstrapConfig(file);
  const { policy, ...issuing } = createIssuing(config);
  const pool = createPool({
    connectionString: config.KEYS_DATABASE_URL,
    max: 1,
    applicationName: 'hokusai-keys-bootstrap-admin',
    onError: () => {},
  });
  try {
    const { keyPrefix } = await makeAdminKey({
      ...issuing,
      store: createBootstrapStore(pool, policy.defaultLimits),
      limits: policy.defaultLimits,
      draft: (key) => draftKeyFile(config.BOOTSTRAP_ADMIN_KEY_FILE, key),
      by: hostUser(config.SUDO_USER),
      reason,
    });
    return `wrote the admin key ${keyPrefix}… to ${config.BOOTSTRAP_ADMIN_KEY_FILE}\n`;
  } finally {
    await pool.end();
  }
}

try {
  const given = readArguments(process.argv.slice(2));
  process.stdout.write(given === 'help' ? USAGE : await bootstrapAdmin(given));
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  process.stderr.write(`hokusai-keys: ${message}\n`);
  process.exitCode = exitCode;
}
