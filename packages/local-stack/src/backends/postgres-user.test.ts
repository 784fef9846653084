import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresUser } from './postgres-user.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/usr/sbin/nologin\n';

describe('user that Postgres runs as', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-postgres-user-'));
    writeFileSync(join(folder, 'setpriv'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const choose = (uid: number, env: NodeJS.ProcessEnv = {}, users = passwd) =>
    postgresUser({ paths: [folder], env, uid, passwd: users });

  it('is the caller, unless that is root', () => {
    const { owner, wrap } = choose(1000);
    assert.equal(owner, undefined);
    assert.deepEqual(wrap('initdb', ['-N']), { command: 'initdb', args: ['-N'] });
  });

  it('is a plain other user where that user can go', () => {
    chmodSync(folder, 0o711);
    const { owner, wrap } = choose(0);
    assert.deepEqual(owner, { uid: 65534, gid: 65533 });
    assert.deepEqual(wrap('initdb', []), { command: 'initdb', args: [], uid: 65534, gid: 65533 });
  });

  it('is let through folders that only root may enter', () => {
    chmodSync(folder, 0o700);
    const { command, args, uid } = choose(0, { PATH: folder }).wrap('initdb', ['-N']) as {
      command: string;
      args: string[];
      uid?: number;
    };
    assert.equal(command, join(folder, 'setpriv'));
    assert.deepEqual(args.slice(0, 2), ['--reuid=65534', '--regid=65533']);
    assert.deepEqual(args.slice(-2), ['initdb', '-N']);
    assert.equal(uid, undefined);
  });

  it('can not be found without setpriv, and the error says what to do', () => {
    chmodSync(folder, 0o700);
    assert.throws(() => choose(0), /Install `setpriv` \(util-linux.*, or set HOKUSAI_HOME .* ordinary user/);
  });

  it('can not be found either where setpriv may not do that', () => {
    chmodSync(folder, 0o700);
    writeFileSync(join(folder, 'setpriv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    assert.throws(() => choose(0, { PATH: folder }), /refuses to run as root/);
  });

  it('must exist', () => {
    assert.throws(() => choose(0, {}, 'root:x:0:0::/root:/bin/sh\n'), /no user postgres or nobody/);
  });
});
