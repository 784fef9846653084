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
      const echo = join(home, 'echo');
      writeFileSync(join(home, 'admin.key'), 'hk_live_example\n');
      writeFileSync(echo, '#!/bin/sh\nprintf "%s|" "$MLFLOW_TRACKING_TOKEN" "$@"\n', { mode: 0o755 });
      const text = summary({
        gatewayUrl: 'http://gateway',
        adminKeyFile: join(home, 'admin.key'),
        mlflowPython: echo,
        home,
      });
      const commands = text.split('\n').filter((line) => line.startsWith('  '));
      assert.equal(commands.length, 3);
      const printed = commands.map((command) => run(command.replace('curl', `"${echo}"`)));
      assert.equal(
        printed[0],
        '|-sS|-H|Authorization: Bearer hk_live_example|http://gateway/api/v1/auth/whoami|',
      );
      assert.match(
        printed[1] ?? '',
        /\|\{"name": "my first key", "scopes": \["mlflow:read", "mlflow:write"\]\}\|/,
      );
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

function run(command: string): string {
  return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
}
