/** What a deployment in containers needs before its services: roles, databases, their schemas, streams and consumers. */
import { join } from 'node:path';
import { provisionBus } from '@hokusai/service-kit';
import { provisionDatabase } from './backends/postgres-databases.ts';
import { DATABASE_SERVICES } from './config.ts';
import { containerPlan } from './containers/plan.ts';
import { readEnvFile } from './supervisor/home.ts';
import { runMigrations } from './supervisor/services.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const plan = containerPlan(readEnvFile('/state/env'));
const { signal } = new AbortController();

for (const definition of Object.values(plan.databases))
  await provisionDatabase(plan.envFile['POSTGRES_ADMIN_URL'] as string, definition);
for (const service of DATABASE_SERVICES)
  await runMigrations(service, { root, env: { ...process.env, ...plan.migrationEnv[service] }, signal });
await provisionBus(plan.natsAdminUrl);
