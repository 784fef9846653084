import assert from 'node:assert/strict';
import { ProcessFailure } from '@hokusai/local-stack';
import { eventually, freePort, spawnService } from '../src/index.ts';

const entry = 'packages/testing/test/fixtures/service.ts';
const environment = async () => ({ HEALTH_PORT: String(await freePort()) });

describe('spawnService', () => {
  it('waits until the process is ready, and ends it', async () => {
    const env = await environment();
    const service = await spawnService({ entry, env });
    assert.equal((await fetch(`http://127.0.0.1:${env.HEALTH_PORT}/readyz`)).status, 200);
    assert.match(service.output(), /"started":true/);
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
  });

  it('passes on no variable but the given ones and the usual few', async () => {
    process.env['KEYS_DATABASE_URL'] = 'postgres://not-for-tests';
    try {
      await using service = await spawnService({ entry, env: await environment() });
      assert.doesNotMatch(service.output(), /KEYS_DATABASE_URL/);
    } finally {
      delete process.env['KEYS_DATABASE_URL'];
    }
  });

  it('rejects with the exit code and the output if the process ends first', async () => {
    const env = { ...(await environment()), BEHAVIOUR: 'misconfigured' };
    await assert.rejects(spawnService({ entry, env }), (error) => {
      assert.ok(error instanceof ProcessFailure);
      assert.equal(error.exitCode, 78);
      assert.match(error.message, /PORT: expected a whole number/);
      return true;
    });
  });

  it('ends a paused process too', async () => {
    const service = await spawnService({ entry, env: await environment() });
    await service.pause();
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
  });

  it('tells of an end by a signal', async () => {
    const service = await spawnService({ entry, env: await environment() });
    service.signal('SIGKILL');
    assert.deepEqual(await service.exited, { code: null, signal: 'SIGKILL' });
  });
});

describe('eventually', () => {
  it('returns the first value that comes without an error', async () => {
    let calls = 0;
    const value = await eventually(() => {
      calls += 1;
      assert.ok(calls > 3);
      return calls;
    });
    assert.equal(value, 4);
  });

  it('throws the last error in the end', async () => {
    await assert.rejects(
      eventually(() => assert.fail('still not'), { timeoutMs: 50 }),
      /still not/,
    );
  });
});
