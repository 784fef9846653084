import assert from 'node:assert/strict';
import { type Findings, type IncarnationAccount, judge, SILENCE_LIMIT_MS, verdictOn } from './integrity.ts';

const HEARD = new Date('2025-01-15T12:00:00Z');
const NOW = HEARD.getTime() + 1000;

function account(changes: Partial<IncarnationAccount>): IncarnationAccount {
  const received = changes.received ?? [{ from: 1, to: 10 }];
  return {
    incarnation: '6f1f3c9a-8b0e-4a53-9d2e-0f6f6f1f3c9a',
    gateway: 'gw-1',
    openedAt: HEARD,
    closedAt: null,
    firstHeardAt: HEARD,
    announcedAt: HEARD,
    announcedAssigned: 10,
    dropped: 0,
    due: 0,
    received,
    storedNumbers: received,
    stored: 10,
    rolledUp: 10,
    clockCorrected: 0,
    ...changes,
  };
}

describe('integrity of an incarnation', () => {
  it('is balanced when it is closed and all of it is stored', () => {
    const { status, gaps, isComplete } = judge(account({ closedAt: HEARD }), NOW);
    assert.deepEqual({ status, gaps, isComplete }, { status: 'balanced', gaps: [], isComplete: true });
  });

  it('names the gap when it is closed and something is missing', () => {
    const received = [
      { from: 1, to: 3 },
      { from: 6, to: 10 },
    ];
    const closed = account({ closedAt: HEARD, announcedAssigned: 12, received, stored: 8 });
    const { status, gaps, isComplete } = judge(closed, NOW);
    assert.equal(status, 'gap');
    assert.equal(isComplete, false);
    assert.deepEqual(gaps, [
      { from: 4, to: 5 },
      { from: 11, to: 12 },
    ]);
  });

  it('does not take for a gap what an open one has on its way', () => {
    const { status, gaps, isComplete } = judge(account({ announcedAssigned: 12 }), NOW);
    assert.deepEqual({ status, gaps, isComplete }, { status: 'open', gaps: [], isComplete: false });
  });

  it('is complete while open when all that it numbered is stored', () => {
    assert.equal(judge(account({}), NOW).isComplete, true);
  });

  it('is a gap as soon as the gateway has given something up', () => {
    const received = [{ from: 4, to: 10 }];
    const { status, gaps } = judge(account({ received, stored: 7, dropped: 3 }), NOW);
    assert.equal(status, 'gap');
    assert.deepEqual(gaps, [{ from: 1, to: 3 }]);
  });

  it('is a gap while open when what is missing should have arrived long ago', () => {
    const received = [
      { from: 1, to: 3 },
      { from: 5, to: 10 },
    ];
    const open = { announcedAssigned: 12, received, stored: 9 };
    assert.equal(judge(account({ ...open, due: 3 }), NOW).status, 'open');
    const { status, gaps, isComplete } = judge(account({ ...open, due: 4 }), NOW);
    assert.deepEqual([status, isComplete, gaps[0]], ['gap', false, { from: 4, to: 4 }]);
  });

  it('is an unclean end after 30 s of silence, even if all that is known is stored', () => {
    assert.equal(judge(account({}), HEARD.getTime() + SILENCE_LIMIT_MS).status, 'open');
    const { status, isComplete } = judge(account({}), HEARD.getTime() + SILENCE_LIMIT_MS + 1);
    assert.deepEqual({ status, isComplete }, { status: 'unclean_end', isComplete: false });
  });

  it('is an unclean end if it never said anything by itself', () => {
    assert.equal(judge(account({ announcedAt: null }), NOW).status, 'unclean_end');
  });

  it('names the first hundred ranges, and says how many more there are', () => {
    const received = Array.from({ length: 150 }, (_, index) => ({ from: 2 * index + 2, to: 2 * index + 2 }));
    const { gaps, gapsLeftOut } = judge(account({ closedAt: HEARD, received, stored: 150 }), NOW);
    assert.deepEqual([gaps.length, gaps.at(-1), gapsLeftOut], [100, { from: 199, to: 199 }, 50]);
    assert.equal(judge(account({ received, stored: 150 }), NOW).gapsLeftOut, 0);
  });

  it('is open however long it was silent while nobody can be heard of', () => {
    const { status, isComplete } = judge(account({}), null);
    assert.deepEqual([status, isComplete], ['open', true]);
  });

  it('notices rows that are gone from the store, or there twice', () => {
    const gone = account({ closedAt: HEARD, storedNumbers: [{ from: 2, to: 10 }], stored: 9 });
    assert.deepEqual(judge(gone, NOW).gaps, [{ from: 1, to: 1 }]);
    assert.equal(judge(account({ closedAt: HEARD, stored: 11 }), NOW).status, 'gap');
  });

  it('counts numbers that arrived without being announced', () => {
    assert.equal(judge(account({ announcedAssigned: 0 }), NOW).assigned, 10);
  });
});

describe('integrity of many incarnations', () => {
  const fine: Findings = {
    isClosed: true,
    isSilent: true,
    isLost: false,
    isMissing: false,
    isOverdue: false,
  };

  it('is complete if each is, and counts how they stand', () => {
    const living = { ...fine, isClosed: false, isSilent: false };
    const found = [
      { ...fine, count: 3 },
      { ...living, count: 2 },
    ];
    const statuses = { open: 2, balanced: 3, gap: 0, unclean_end: 0 };
    assert.deepEqual(verdictOn(found, true), { isComplete: true, statuses });
    const onItsWay = { ...living, isMissing: true, count: 1 };
    assert.deepEqual(verdictOn([...found, onItsWay], true), {
      isComplete: false,
      statuses: { ...statuses, open: 3 },
    });
    const gap = { ...fine, isMissing: true, count: 7 };
    assert.deepEqual(verdictOn([...found, gap], true), {
      isComplete: false,
      statuses: { ...statuses, gap: 7 },
    });
  });

  it('takes silence for an end only while somebody can be heard of', () => {
    const silent = [{ ...fine, isClosed: false, count: 4 }];
    assert.deepEqual(verdictOn(silent, true).statuses, { open: 0, balanced: 0, gap: 0, unclean_end: 4 });
    assert.deepEqual(verdictOn(silent, false).statuses, { open: 4, balanced: 0, gap: 0, unclean_end: 0 });
  });
});
