import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NATS_USERS } from './backends/nats.ts';

const program = join(import.meta.dirname, 'bus.ts');

describe('the program that sets up the event broker', () => {
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });

  it('makes a configuration with a password of each user’s own, another one each time', () => {
    const passwordsOf = (text: string) => {
      const { accounts } = JSON.parse(text) as {
        accounts: Record<string, { users: { user: string; password: string }[] }>;
      };
      return Object.values(accounts).flatMap(({ users }) =>
        users.map(({ user, password }) => [user, password]),
      );
    };
    const [first, second] = [run(['configuration']), run(['configuration'])].map(({ stdout }) =>
      passwordsOf(stdout),
    );
    assert.deepEqual(first?.map(([user]) => user).toSorted(), [...NATS_USERS].toSorted());
    const passwords = [...(first ?? []), ...(second ?? [])].map(([, password]) => password);
    assert.equal(new Set(passwords).size, 2 * NATS_USERS.length);
  });

  it('says what is missing, and how it is used', () => {
    const { status, stderr } = run(['provision']);
    assert.equal(status, 78);
    assert.match(stderr, /NATS_URL: is required/);
    for (const args of [[], ['start'], ['provision', 'now']]) assert.equal(run(args).status, 64);
    assert.match(run(['--help']).stdout, /bus\.ts provision/);
  });

  it('tells of a broker that is not there without its password', () => {
    const { status, stderr } = run(['provision'], { NATS_URL: 'nats://admin:s3cret@127.0.0.1:1' });
    assert.equal(status, 1);
    assert.ok(stderr.length > 0 && !stderr.includes('s3cret'), stderr);
  });
});
