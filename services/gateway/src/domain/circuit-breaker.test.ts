import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CircuitBreaker } from './circuit-breaker.ts';

const settings = { failures: 5, firstProbeMs: 250, maxProbeMs: 5000 };

describe('the circuit breaker', () => {
  const open = () => {
    const breaker = new CircuitBreaker(settings);
    for (let failure = 0; failure < 5; failure += 1) breaker.failed();
    return breaker;
  };

  it('opens with the fifth failure to connect in a row, and says so once', () => {
    const breaker = new CircuitBreaker(settings);
    const told = Array.from({ length: 7 }, () => breaker.failed());
    assert.deepEqual(told, [false, false, false, false, true, false, false]);
    assert.equal(breaker.isOpen, true);
  });

  for (const between of ['connected', 'answered'] as const)
    it(`does not open where it was ${between} in between`, () => {
      const breaker = new CircuitBreaker(settings);
      for (let failure = 0; failure < 4; failure += 1) breaker.failed();
      breaker[between]();
      for (let failure = 0; failure < 4; failure += 1) breaker.failed();
      assert.equal(breaker.isOpen, false);
    });

  it('is closed by a connection, and not by an answer', () => {
    const breaker = open();
    breaker.answered();
    assert.equal(breaker.isOpen, true);
    assert.equal(breaker.connected(), true);
    assert.equal(breaker.isOpen, false);
    assert.equal(breaker.connected(), false);
  });

  it('has itself probed soon, then more and more rarely, and soon again after it was closed', () => {
    const breaker = open();
    const delays = Array.from({ length: 7 }, () => breaker.takeProbeDelayMs());
    assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 5000, 5000]);
    breaker.connected();
    assert.equal(breaker.takeProbeDelayMs(), 250);
  });

  it('is open exactly if the last connection was followed by five failures without an answer between them', () => {
    const event = fc.constantFrom('failed', 'connected', 'answered');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const breaker = new CircuitBreaker(settings);
        for (const each of events) breaker[each]();
        const sinceConnected = events.slice(events.lastIndexOf('connected') + 1);
        const runs = sinceConnected.join(' ').split('answered');
        const isOpen = runs.some((run) => run.split('failed').length > 5);
        assert.equal(breaker.isOpen, isOpen);
      }),
    );
  });
});
