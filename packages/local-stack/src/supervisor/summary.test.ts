import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summary } from './summary.ts';

describe('summary of a start', () => {
  it('has commands that work as they stand, in a folder with an awkward name too', () => {
    const home = mkdtempSync(join(tmpdir(), "it's a home "));
    try {
      const [echo, npx] = [join(home, 'echo'), join(home, 'npx')];
      writeFileSync(join(home, 'admin.key'), 'hk_live_example\n');
      writeFileSync(echo, '#!/bin/sh\nprintf "%s|" "$MLFLOW_TRACKING_TOKEN" "$@"\n', { mode: 0o755 });
      writeFileSync(npx, '#!/bin/sh\nprintf "%s|" "$HOKUSAI_API_URL" "$HOKUSAI_API_KEY" "$@"\n', {
        mode: 0o755,
      });
      const text = summary({
        gatewayUrl: 'http://gateway',
        adminKeyFile: join(home, 'admin.key'),
        mlflowPython: echo,
        home,
      });
      const commands = text.split('\n').filter((line) => line.startsWith('  '));
      assert.equal(commands.length, 3);
      const printed = commands.map((command) => run(command, home));
      const called = 'http://gateway|hk_live_example|--no-install|hokusai|auth|';
      assert.deepEqual(printed.slice(0, 2), [
        `${called}whoami|`,
        `${called}create-key|--name|my first key|--expires|90d|`,
      ]);
      assert.match(printed[2] ?? '', /^hk_live_example\|-c\|import mlflow; .*print\("logged run"/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('asks MLflow by curl where no client was installed', () => {
    const options = {
      gatewayUrl: 'http://gateway',
      adminKeyFile: '/h/admin.key',
      mlflowPython: undefined,
      home: '/h',
    };
    assert.match(summary(options), /curl .*mlflow\/experiments\/search/);
  });
});

/** @param folder before all others in PATH */
function run(command: string, folder: string): string {
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', env });
}
