/** Brings the schema up to date, as the role that owns it. Run before the service, by any number of replicas. */
import { fileURLToPath } from 'node:url';
import { ConfigError, EXIT_CONFIG, migrate, roleOf } from '@hokusai/service-kit';
import { loadMigrationConfig } from './config.ts';

try {
  const config = loadMigrationConfig();
  const ran = await migrate({
    ownerUrl: config.AUDIT_OWNER_DATABASE_URL,
    serviceRole: roleOf(config.AUDIT_DATABASE_URL),
    directory: fileURLToPath(new URL('../migrations', import.meta.url)),
    direction: 'up',
  });
  process.stderr.write(
    `audit: ${ran.length === 0 ? 'the schema is up to date' : `applied ${ran.join(', ')}`}\n`,
  );
} catch (error) {
  process.stderr.write(`audit: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
