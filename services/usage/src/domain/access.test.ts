import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { readerOf, requireAdmin } from '@hokusai/contracts/reader';
import { type Asked, limitProblems, periodFor, selectionFor as select, type UsageFilter } from './access.ts';

const ME = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
const OTHER = '11111111-2f8e-4a8e-9f59-0a4b7e0d9c11';
const ALL: UsageFilter = { keyId: null, userId: null, endpoint: null, from: null, to: null };

const NOW = new Date('2026-11-22T12:00:00Z');
const selectionFor = (reader: ReturnType<typeof readerOf>, filter: UsageFilter, asked?: Asked) =>
  select(reader, filter, NOW, asked);

const failsWith = (code: string) => (error: unknown) => error instanceof HokusaiError && error.code === code;

describe('access to usage', () => {
  it('shows an admin what they ask for', () => {
    assert.deepEqual(selectionFor(readerOf(ME, true), { ...ALL, userId: OTHER }).userId, OTHER);
  });

  it('shows a member their own only, for any key', () => {
    assert.equal(selectionFor(readerOf(ME, false), ALL).userId, ME);
    assert.equal(selectionFor(readerOf(ME, false), { ...ALL, keyId: OTHER }).userId, ME);
    assert.equal(selectionFor(readerOf(ME, false), { ...ALL, userId: ME.toUpperCase() }).userId, ME);
    assert.throws(
      () => selectionFor(readerOf(ME, false), { ...ALL, userId: OTHER }),
      failsWith('permission_denied'),
    );
    assert.throws(() => requireAdmin(readerOf(ME, false), 'this'), failsWith('permission_denied'));
  });

  it('refuses a call without a user', () => {
    for (const id of [undefined, '', 'me'])
      assert.throws(() => readerOf(id, true), failsWith('unauthenticated'));
  });

  it('names all that is wrong with a filter', () => {
    const from = new Date('2025-01-02');
    const to = new Date('2025-01-01');
    assert.throws(
      () => selectionFor(readerOf(ME, true), { ...ALL, keyId: 'x', userId: 'y', from, to }),
      (error) =>
        error instanceof HokusaiError &&
        error.violations.map(({ path }) => path).join() === 'to,key_id,user_id',
    );
    assert.throws(() => periodFor({ from, to }, NOW), failsWith('unprocessable'));
  });

  it('refuses times that are none, or that no date can be reckoned with, and names them', () => {
    const wrong = [
      'invalid',
      '0100-12-31T23:59:59.999Z',
      '+010000-01-01T00:00:00Z',
      '-271821-04-20T00:00:00Z',
    ];
    for (const time of wrong.map((text) => new Date(text)))
      for (const times of [
        { from: time, to: null },
        { from: null, to: time },
        { from: time, to: time },
      ]) {
        const paths = Object.entries(times).flatMap(([path, value]) => (value === null ? [] : [path]));
        const names = (error: unknown) =>
          error instanceof HokusaiError && error.violations.map(({ path }) => path).join() === paths.join();
        assert.throws(() => selectionFor(readerOf(ME, true), { ...ALL, ...times }), names);
        assert.throws(() => periodFor(times, NOW), names);
      }
    for (const to of [new Date('0101-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')])
      assert.equal(selectionFor(readerOf(ME, true), { ...ALL, to }).to, to);
  });

  it('refuses an endpoint that nothing can be stored under', () => {
    for (const endpoint of ['/a\0', '/\ud800'])
      assert.throws(() => selectionFor(readerOf(ME, true), { ...ALL, endpoint }), failsWith('unprocessable'));
  });

  it('takes the last day where no period is named', () => {
    const day = { from: new Date('2026-11-21T12:00:00Z'), to: NOW };
    assert.deepEqual(selectionFor(readerOf(ME, true), ALL), { ...ALL, ...day });
    assert.deepEqual(selectionFor(readerOf(ME, true), { ...ALL, from: day.from }), { ...ALL, ...day });
  });

  it('refuses what lies in the future, what is too fine for its period, and unknown time zones', () => {
    const pathsOf = (filter: Partial<UsageFilter>, asked?: Asked) => {
      try {
        selectionFor(readerOf(ME, true), { ...ALL, ...filter }, asked);
        return [];
      } catch (error) {
        return error instanceof HokusaiError ? error.violations.map(({ path }) => path) : [error];
      }
    };
    assert.deepEqual(pathsOf({ from: new Date('2026-11-23'), to: new Date('2026-11-24') }), ['from']);
    const decade = { from: new Date('2016-11-22'), to: NOW };
    assert.deepEqual(pathsOf(decade), []);
    assert.deepEqual(pathsOf(decade, { granularity: 'minute' }), ['granularity']);
    assert.deepEqual(pathsOf({}, { granularity: 'day', timeZone: 'Mars/Olympus' }), ['time_zone']);
    assert.deepEqual(pathsOf({}, { granularity: 'day', timeZone: 'Europe/Berlin' }), []);
  });

  it('takes the last day of a question without a filter, and refuses what else is wrong with it', () => {
    const from = new Date('2026-11-21T12:00:00Z');
    assert.deepEqual(periodFor({ from: null, to: null }, NOW), { from, to: NOW });
    const violations = [{ path: 'page_size', message: 'expected at most 200' }];
    assert.throws(
      () => periodFor({ from: new Date('2026-11-23'), to: null }, NOW, { violations }),
      (error) =>
        error instanceof HokusaiError && error.violations.map(({ path }) => path).join() === 'from,page_size',
    );
  });

  it('bounds how long a list may be, and says so along with all else', () => {
    assert.deepEqual(limitProblems('limit', 0, 100), []);
    assert.deepEqual(limitProblems('limit', 100, 100), []);
    const violations = limitProblems('limit', 101, 100);
    assert.throws(
      () => selectionFor(readerOf(ME, true), { ...ALL, keyId: 'x' }, { violations }),
      (error) =>
        error instanceof HokusaiError && error.violations.map(({ path }) => path).join() === 'key_id,limit',
    );
  });
});
