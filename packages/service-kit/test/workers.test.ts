/** Real processes: what reaches a worker that is replaced, and what one that has to end. */
import assert from 'node:assert/strict';
import { eventually, spawnService, type TestService } from '@hokusai/testing';

/** Longer than any test takes. */
const NEVER_MS = 600_000;
const REPLACED = 'all workers have been replaced';

describe('a worker with something under way', () => {
  let service: TestService;

  const start = async (drainMs: number) => {
    service = await spawnService({
      entry: 'packages/service-kit/test/fixtures/slow-service.ts',
      env: { DRAIN_MS: String(drainMs) },
      readyUrl: null,
    });
    await eventually(() => assert.equal(said('all workers serve').length, 1));
  };
  const said = (words: string) =>
    service
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { msg?: string; pid?: number; inHurry?: boolean })
      .filter(({ msg }) => msg === words);
  const isInHurry = () => said('closes').map(({ inHurry }) => inHurry);

  it('takes its time when it is replaced, and hurries when all have to end', async () => {
    await start(NEVER_MS);
    service.signal('SIGHUP');
    await eventually(() => assert.deepEqual([said(REPLACED).length, isInHurry()], [1, [false, false]]));
    assert.deepEqual(said('has closed'), []);
    service.signal('SIGTERM');
    assert.deepEqual(await service.exited, { code: 0, signal: null });
    assert.deepEqual([isInHurry(), said('has closed').length], [[false, false, true, true], 4]);
  });

  it('hurries when it has been replaced for too long, while its successor serves', async () => {
    await start(100);
    service.signal('SIGHUP');
    await eventually(() => assert.deepEqual([said(REPLACED).length, said('has closed').length], [1, 2]));
    assert.deepEqual(isInHurry(), [false, false]);
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
    assert.deepEqual(isInHurry(), [false, false, true, true]);
  });
});
