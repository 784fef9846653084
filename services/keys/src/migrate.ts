/** Brings the schema up to date, as the role that owns it. Run before the service, by any number of replicas. */
import { fileURLToPath } from 'node:url';
import { roleOf, runMigrations } from '@hokusai/service-kit';
import { migrationConfig } from './config.ts';

await runMigrations('keys', () => {
  const config = migrationConfig.load();
  return {
    ownerUrl: config.KEYS_OWNER_DATABASE_URL,
    serviceRole: roleOf(config.KEYS_DATABASE_URL),
    directory: fileURLToPath(new URL('../migrations', import.meta.url)),
  };
});
