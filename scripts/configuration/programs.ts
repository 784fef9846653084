/** Every program that reads variables, and what it reads: from the schemas that it reads them by. */
import { VARIABLES as COMMAND_VARIABLES } from '../../packages/cli/src/config/variables.ts';
import { busConfig, startVariables } from '../../packages/local-stack/src/config.ts';
import { CREDENTIAL_VARIABLES, SETTINGS } from '../../packages/sdk/src/config/settings.ts';
import { describeShape, type VariableFacts } from '../../packages/service-kit/src/config-description.ts';
import * as audit from '../../services/audit/src/config.ts';
import { gatewayConfig } from '../../services/gateway/src/config.ts';
import * as keys from '../../services/keys/src/config.ts';
import * as usage from '../../services/usage/src/config.ts';
import { composeVariables } from './compose.ts';

export interface Program {
  title: string;
  /** How it is started, or where it is used. */
  usedBy: string;
  variables: readonly VariableFacts[];
  /** Whether each variable may also name a file that holds its value. */
  takesFiles: boolean;
}

const program = (
  title: string,
  usedBy: string,
  { shape }: { shape: Parameters<typeof describeShape>[0] },
): Program => ({ title, usedBy, variables: describeShape(shape), takesFiles: true });

const SECRETS = new Set(['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN', 'HOKUSAI_API_KEY']);

const plain = (variables: Readonly<Record<string, string>>): VariableFacts[] =>
  Object.entries(variables).map(([name, purpose]) => ({
    ...{ name, purpose, kind: 'text' },
    ...{ isRequired: false, isSecret: SECRETS.has(name) },
  }));

const settings = (): VariableFacts[] =>
  Object.values(SETTINGS).map(({ variable, purpose, kind, fallback }) => {
    const isInSeconds = kind === 'a number of seconds';
    const value = isInSeconds ? Number(fallback) / 1000 : fallback;
    return {
      ...{ name: variable, purpose, kind, isRequired: false, isSecret: false },
      ...(value === undefined ? {} : { defaultText: String(value) }),
    };
  });

/** In the order in which somebody who runs all of it meets them. */
export const PROGRAMS: readonly Program[] = [
  program('`npm start`', '`npm start`, and what it passes on to the services', { shape: startVariables }),
  {
    title: '`docker compose`',
    usedBy: '`docker compose up`, from its own environment or a file `.env`; `compose.yaml` says the rest',
    variables: composeVariables(),
    takesFiles: false,
  },
  program('Streams and consumers', '`node packages/local-stack/src/bus.ts provision`', busConfig),
  program('Gateway', '`node services/gateway/src/main.ts`', gatewayConfig),
  program('Keys service', '`node services/keys/src/main.ts`', keys.serviceConfig),
  program('Migrations of keys', '`node services/keys/src/migrate.ts`', keys.migrationConfig),
  program('A new admin key', '`node services/keys/src/bootstrap-admin.ts`', keys.bootstrapConfig),
  program('Usage service', '`node services/usage/src/main.ts`', usage.serviceConfig),
  program('Migrations of usage', '`node services/usage/src/migrate.ts`', usage.migrationConfig),
  program('Rebuild of rollups', '`node services/usage/src/rebuild.ts`', usage.rebuildConfig),
  program('Audit service', '`node services/audit/src/main.ts`', audit.serviceConfig),
  program('Migrations of audit', '`node services/audit/src/migrate.ts`', audit.migrationConfig),
  program('Retention and erasure', '`node services/audit/src/prune.ts`, `… erase.ts`', audit.ownerConfig),
  {
    title: 'TypeScript library',
    usedBy: '`@hokusai/ml-platform`, `hokusai models` and `hokusai doctor`; arguments go before variables',
    variables: [...settings(), ...plain(CREDENTIAL_VARIABLES)],
    takesFiles: false,
  },
  {
    title: 'Command line',
    usedBy: '`hokusai`; options go before variables',
    variables: plain(COMMAND_VARIABLES),
    takesFiles: false,
  },
];
