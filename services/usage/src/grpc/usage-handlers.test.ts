import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { GetIntegrityResponse } from '@hokusai/contracts/gen/usage/v1/GetIntegrityResponse';
import { systemClock } from '@hokusai/service-kit';
import type { Findings, IncarnationAccount } from '../domain/integrity.ts';
import type { IntegrityAnswer, IntegrityQuery, UsageReader } from '../domain/ports.ts';
import { usageHandlers } from './usage-handlers.ts';

const AT = new Date('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;

const living: Findings = {
  isClosed: false,
  isSilent: false,
  isLost: false,
  isMissing: false,
  isOverdue: false,
};

/** Heard of so many seconds before `AT`. */
function account(secondsAgo: number, index = 0): IncarnationAccount {
  return {
    incarnation: `6f1f3c9a-8b0e-4a53-9d2e-${String(index).padStart(12, '0')}`,
    gateway: 'gw-1',
    openedAt: AT,
    closedAt: null,
    firstHeardAt: AT,
    announcedAt: new Date(AT.getTime() - secondsAgo * 1000),
    announcedAssigned: 0,
    ...{ dropped: 0, due: 0, received: [], storedNumbers: [], stored: 0, rolledUp: 0, clockCorrected: 0 },
  };
}

describe('GetIntegrity', () => {
  let answer: IntegrityAnswer;
  let asked: IntegrityQuery | undefined;
  let checkBroker: () => Promise<void>;
  /** By how much the service's clock is ahead of the database's. */
  let aheadMs: number;

  beforeEach(() => {
    answer = { at: AT, accounts: [account(1)], found: [{ ...living, count: 1 }] };
    [checkBroker, aheadMs] = [() => Promise.resolve(), 0];
  });

  function ask(request: object = {}): Promise<GetIntegrityResponse> {
    const integrity = (query: IntegrityQuery) => {
      asked = query;
      return Promise.resolve({ ...answer, accounts: answer.accounts.slice(0, query.limit) });
    };
    const handlers = usageHandlers({
      store: { integrity } as Partial<UsageReader> as UsageReader,
      clock: { ...systemClock, now: () => AT.getTime() + aheadMs },
      checkBroker,
      observe: () => {},
    });
    const reader = { actingUserId: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', isAdmin: true };
    const whole = { reader, from: null, to: null, pageSize: 0, cursor: '', ...request };
    const metadata = { get: () => [] };
    const call = Object.assign(new EventEmitter(), { request: whole, metadata });
    return new Promise((resolve, reject) => {
      handlers.GetIntegrity(call as never, (error, response) =>
        response ? resolve(response) : reject(error),
      );
    });
  }

  it('is about the last day, and the first fifty processes', async () => {
    const { complete, incarnations, statuses, nextCursor } = await ask();
    assert.deepEqual(asked, {
      from: new Date(AT.getTime() - DAY_MS),
      to: AT,
      after: null,
      limit: 51,
    });
    assert.deepEqual([complete, incarnations?.length, nextCursor], [true, 1, '']);
    assert.deepEqual(statuses, { open: 1, balanced: 0, gap: 0, uncleanEnd: 0 });
  });

  it('measures silence by the clock of the database: that of the service may be ahead', async () => {
    aheadMs = 3_600_000;
    const { complete, incarnations } = await ask();
    assert.deepEqual([complete, incarnations?.[0]?.status], [true, 'STATUS_OPEN']);
    answer.accounts = [account(31)];
    assert.equal((await ask()).incarnations?.[0]?.status, 'STATUS_UNCLEAN_END');
  });

  it('knows neither what is complete nor who lives while the broker is away', async () => {
    answer = { ...answer, accounts: [account(31)], found: [{ ...living, isSilent: true, count: 1 }] };
    assert.deepEqual((await ask()).statuses, { open: 0, balanced: 0, gap: 0, uncleanEnd: 1 });
    // One that hangs takes connections and gives no answer.
    for (const check of [() => Promise.reject(new Error('away')), () => new Promise<void>(() => {})]) {
      checkBroker = check;
      const { complete, brokerReachable, incarnations, statuses } = await ask();
      assert.deepEqual([complete, brokerReachable, incarnations?.[0]?.status], [false, false, 'STATUS_OPEN']);
      assert.deepEqual(statuses, { open: 1, balanced: 0, gap: 0, uncleanEnd: 0 });
    }
  });

  it('goes on where a page ended, and judges all with each', async () => {
    answer.accounts = [account(1, 1), account(1, 2), account(1, 3)];
    answer.found = [{ ...living, isLost: true, count: 40_000 }];
    const { nextCursor, incarnations, complete, statuses } = await ask({ pageSize: 2 });
    assert.deepEqual([incarnations?.length, complete, statuses?.gap], [2, false, 40_000]);
    await ask({ pageSize: 3, cursor: nextCursor });
    const { firstHeardAt, incarnation } = account(1, 2);
    assert.deepEqual(asked?.after, { firstHeardAt, incarnation });
    assert.equal((await ask({ pageSize: 3 })).nextCursor, '');
  });

  it('is complete where no gateway was heard of', async () => {
    answer = { at: AT, accounts: [], found: [] };
    const { complete, incarnations } = await ask();
    assert.deepEqual([complete, incarnations], [true, []]);
  });
});
