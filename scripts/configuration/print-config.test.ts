import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doubtfulVariables } from '../../packages/service-kit/src/config-doubts.ts';
import { serviceConfig as auditConfig } from '../../services/audit/src/config.ts';
import { gatewayConfig } from '../../services/gateway/src/config.ts';
import { serviceConfig as keysConfig } from '../../services/keys/src/config.ts';
import { serviceConfig as usageConfig } from '../../services/usage/src/config.ts';
import { captureNode } from '../lib/capture.ts';
import { leastSettings } from './least-settings.ts';
import { PROGRAMS } from './programs.ts';

const root = join(import.meta.dirname, '../..');
const marker = Buffer.from('M4rk3r'.repeat(6)).toString('base64url');
const SERVICES = leastSettings(marker);

describe('--print-config and --check-config', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-print-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (service: string, option: string, env: Record<string, string>) =>
    captureNode([`services/${service}/src/main.ts`, option], { cwd: root, env });

  for (const [service, given] of Object.entries(SERVICES)) {
    it(`of the ${service} service tell what it would run with, and no secret`, async () => {
      const path = join(folder, service);
      const { NATS_URL, ...others } = given;
      writeFileSync(path, `${NATS_URL}\n`);
      const { output, exitCode } = await run(service, '--print-config', { ...others, NATS_URL_FILE: path });
      assert.equal(exitCode, 0, output);
      for (const name of Object.keys(given)) assert.match(output, new RegExp(`^${name}=`, 'm'));
      assert.match(output, new RegExp(`^NATS_URL=nats://127\\.0\\.0\\.1:4222  # from ${path}$`, 'm'));
      assert.match(output, /^LOG_LEVEL=info {2}# default$/m);
      assert.ok(!output.includes(marker), output);
      assert.ok(!output.includes('M4rk3r'), output);
    });

    it(`of the ${service} service tell of a variable that nobody reads, and not its value`, async () => {
      const { output, exitCode } = await run(service, '--check-config', { ...given, LOG_LEVLE: marker });
      assert.equal(exitCode, 0, output);
      assert.equal(output, 'LOG_LEVLE: no such variable is read; LOG_LEVEL is, and is not set');
    });

    it(`of the ${service} service name all that is wrong`, async () => {
      const { output, exitCode } = await run(service, '--check-config', { LOG_LEVEL: 'loud' });
      assert.equal(exitCode, 78, output);
      for (const name of ['NATS_URL', 'LOG_LEVEL']) assert.match(output, new RegExp(`\\b${name}: `));
    });
  }

  it('doubt no variable of another program', () => {
    const services = { gatewayConfig, keysConfig, usageConfig, auditConfig };
    for (const [service, { shape }] of Object.entries(services))
      for (const { title, variables } of PROGRAMS) {
        const env = Object.fromEntries(variables.map(({ name }) => [name, 'set']));
        assert.deepEqual(doubtfulVariables(Object.keys(shape), env), [], `${service}, set for ${title}`);
      }
  });
});
