import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureNode } from '../lib/capture.ts';
import { leastSettings } from './least-settings.ts';

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

    it(`of the ${service} service name all that is wrong`, async () => {
      const { output, exitCode } = await run(service, '--check-config', { LOG_LEVEL: 'loud' });
      assert.equal(exitCode, 78, output);
      for (const name of ['NATS_URL', 'LOG_LEVEL']) assert.match(output, new RegExp(`\\b${name}: `));
    });
  }
});
