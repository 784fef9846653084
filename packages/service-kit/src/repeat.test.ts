import assert from 'node:assert/strict';
import { createLogger } from './log.ts';
import { repeat } from './repeat.ts';

describe('repeat', () => {
  let lines: { level: string; msg: string }[];
  const options = () => ({
    name: 'counting',
    logger: createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => void lines.push(JSON.parse(line)) },
    }),
    idleMs: 60_000,
    retryMs: 1,
  });

  beforeEach(() => {
    lines = [];
  });

  it('takes the next turn at once while there is more to do, and else when it is woken', async () => {
    let turns = 0;
    let idle = Promise.withResolvers<void>();
    const turn = () => {
      turns += 1;
      if (turns % 3 === 0) idle.resolve();
      return Promise.resolve(turns % 3 !== 0);
    };
    const repetition = repeat({ ...options(), turn });
    await idle.promise;
    assert.equal(turns, 3);
    idle = Promise.withResolvers();
    repetition.wake();
    await idle.promise;
    assert.equal(turns, 6);
    await repetition.close();
    repetition.wake();
    assert.equal(turns, 6);
  });

  it('goes on after failures, of which it says the first and the end', async () => {
    const recovered = Promise.withResolvers<void>();
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (turns <= 3) return Promise.reject(new Error('away'));
      recovered.resolve();
      return Promise.resolve(false);
    };
    const repetition = repeat({ ...options(), turn });
    await recovered.promise;
    await repetition.close();
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [
        ['warn', 'counting: failed; trying again'],
        ['info', 'counting: works again'],
      ],
    );
  });

  it('closes after the turn that is under way', async () => {
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isDone = false;
    const turn = async () => {
      begun.resolve();
      await end.promise;
      isDone = true;
      return true;
    };
    const repetition = repeat({ ...options(), turn });
    await begun.promise;
    const closed = repetition.close();
    end.resolve();
    await closed;
    assert.ok(isDone);
  });
});
