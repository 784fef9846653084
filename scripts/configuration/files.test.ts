import assert from 'node:assert/strict';
import { busConfig, startVariables } from '../../packages/local-stack/src/config.ts';
import { ConfigError, defineConfig } from '../../packages/service-kit/src/config.ts';
import * as audit from '../../services/audit/src/config.ts';
import { gatewayConfig } from '../../services/gateway/src/config.ts';
import * as keys from '../../services/keys/src/config.ts';
import * as usage from '../../services/usage/src/config.ts';
import { PROGRAMS } from './programs.ts';

const CONFIGURATIONS = {
  start: defineConfig(startVariables),
  bus: busConfig,
  gateway: gatewayConfig,
  ...{ keys: keys.serviceConfig, keysMigration: keys.migrationConfig, bootstrap: keys.bootstrapConfig },
  ...{ usage: usage.serviceConfig, usageMigration: usage.migrationConfig, rebuild: usage.rebuildConfig },
  ...{ audit: audit.serviceConfig, auditMigration: audit.migrationConfig, owner: audit.ownerConfig },
};

describe('variables by file', () => {
  it('are looked at for every program whose page says so', () => {
    const promised = PROGRAMS.filter(({ takesFiles }) => takesFiles);
    assert.equal(promised.length, Object.keys(CONFIGURATIONS).length);
  });

  for (const [program, configuration] of Object.entries(CONFIGURATIONS))
    it(`are read in place of each variable of ${program}`, () => {
      const names = Object.keys(configuration.shape);
      assert.ok(names.length > 0);
      for (const name of names) {
        const problems = problemsOf(() => configuration.load({ [`${name}_FILE`]: '/no/such/file' }));
        assert.ok(problems.includes(`${name}_FILE: can't read /no/such/file (ENOENT)`), name);
      }
    });

  it('are what every variable that holds a secret may be given as', () => {
    const secrets = PROGRAMS.filter(({ title }) => !/compose|library|Command/.test(title)).flatMap(
      ({ takesFiles, variables }) =>
        variables.filter(({ isSecret }) => isSecret).map(({ name }) => ({ name, takesFiles })),
    );
    const known = new Set(secrets.map(({ name }) => name));
    for (const name of ['KEY_TAG_SECRETS', 'KEY_PEPPERS', 'CACHE_SECRETS', 'AUDIT_SIGNING_KEYS'])
      assert.ok(known.has(name), name);
    for (const name of ['GATEWAY_TLS_KEY', 'KEYS_GRPC_TOKEN', 'KEYS_GRPC_CALLERS', 'KEYS_DATABASE_URL'])
      assert.ok(known.has(name), name);
    for (const { name, takesFiles } of secrets) assert.ok(takesFiles, name);
  });
});

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}
