import assert from 'node:assert/strict';
import { emailProblem, endProblem, lineProblem, metadataProblem, timeProblem } from './fields.ts';

const KEY = `hk_live_${'a'.repeat(50)}`;
const problem = (text: string) => lineProblem(text, { limit: 200, required: true });

describe('lineProblem', () => {
  it('counts characters as people do, and takes any script', () => {
    assert.equal(problem(' 北斎の鍵 🌊 '), undefined);
    assert.equal(problem('🌊'.repeat(200)), undefined);
    assert.match(problem('🌊'.repeat(201)) ?? '', /longer than 200/);
    assert.match(problem('a'.repeat(10_000_000)) ?? '', /longer than 200/);
    assert.match(problem(` ${'a'.repeat(200)}`) ?? '', /longer than 200/);
  });

  it('asks for something to read where a text is required', () => {
    assert.match(problem('  ') ?? '', /1 to 200 characters/);
    assert.equal(lineProblem('', { limit: 200, required: false }), undefined);
  });

  it('refuses what is no line of text', () => {
    const wrong = ['a\nb', 'a\0b', 'a\u0085b', '\u007f', 'a\u2028b', 'gnp.\u202eexe', '\u2066a\u2069'];
    for (const text of wrong) assert.match(problem(text) ?? '', /control/);
    for (const text of ['می‌خواهم', '👩‍🔬', 'שלום\u200f!']) assert.equal(problem(text), undefined);
    assert.match(problem('a\ud800b') ?? '', /Unicode/);
  });

  it('refuses a key, and does not repeat it', () => {
    assert.match(problem(`my ${KEY}`) ?? '', /contains an API key/);
    assert.ok(!problem(`my ${KEY}`)?.includes('aaaa'));
    assert.equal(problem(KEY.slice(0, 20)), undefined);
  });
});

describe('emailProblem', () => {
  it('asks for an @ with something on both sides', () => {
    assert.equal(emailProblem(' ada@example.org '), undefined);
    for (const text of ['', 'ada', '@example.org', 'ada@', 'a b@example.org', 'a@b@c'])
      assert.match(emailProblem(text) ?? '', /such as/, text);
    assert.match(emailProblem(`${'a'.repeat(320)}@b`) ?? '', /longer than 320/);
  });
});

describe('metadataProblem', () => {
  it('takes small objects', () => {
    assert.equal(metadataProblem({ team: 'vision', nested: { list: [1, null, true, 'x'] } }), undefined);
    assert.equal(metadataProblem({ a: 'x'.repeat(4096 - '{"a":""}'.length) }), undefined);
  });

  it('names what is wrong', () => {
    let deep: object = {};
    for (let level = 0; level < 8; level += 1) deep = { deep };
    assert.match(metadataProblem(deep) ?? '', /nested deeper than 8/);
    assert.match(metadataProblem({ a: 'é'.repeat(2048) }) ?? '', /larger than 4096 bytes/);
    assert.match(metadataProblem({ 'a\0': 1 }) ?? '', /NUL/);
    assert.match(metadataProblem({ a: ['\ud800'] }) ?? '', /Unicode/);
    assert.match(metadataProblem({ a: JSON.parse('1e999') }) ?? '', /number that is too large/);
    assert.match(metadataProblem({ note: { old: KEY } }) ?? '', /contains an API key/);
    assert.match(metadataProblem({ [KEY]: 1 }) ?? '', /contains an API key/);
  });
});

describe('times', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');

  it('lie in the years 1 to 9999', () => {
    for (const text of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])
      assert.equal(timeProblem(new Date(text)), undefined);
    for (const text of ['0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01', 'nonsense'])
      assert.match(timeProblem(new Date(text)) ?? '', /years 1 to 9999/, text);
  });

  it('at which a key ends lie ahead', () => {
    assert.equal(endProblem(new Date(now.getTime() + 1), now), undefined);
    assert.match(endProblem(now, now) ?? '', /in the past/);
    assert.match(endProblem(new Date(Number.NaN), now) ?? '', /years/);
  });
});
