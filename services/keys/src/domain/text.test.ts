import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import type { JsonObject } from './key.ts';
import { checkLine, checkMetadata } from './text.ts';
import { Violations } from './violations.ts';

const key = `hk_live_${'a'.repeat(50)}`;

/** The messages of the violations that `check` adds. */
function complaints(check: (violations: Violations) => void): string[] {
  const violations = new Violations();
  check(violations);
  try {
    violations.throwIfAny();
    return [];
  } catch (error) {
    assert.ok(error instanceof HokusaiError);
    return error.violations.map(({ message }) => message);
  }
}

const lineComplaints = (text: string, required = true) =>
  complaints((violations) => checkLine(text, { path: 'name', limit: 200, required }, violations));
const metadataComplaints = (metadata: JsonObject) =>
  complaints((violations) => checkMetadata(metadata, violations));

describe('checkLine', () => {
  it('accepts any script and cuts the spaces around', () => {
    const violations = new Violations();
    const rule = { path: 'name', limit: 200, required: true };
    assert.equal(checkLine('  北斎の鍵 🌊 ', rule, violations), '北斎の鍵 🌊');
    violations.throwIfAny();
    assert.deepEqual(lineComplaints('', false), []);
    assert.deepEqual(lineComplaints('🌊'.repeat(200)), []);
  });

  it('names what is wrong', () => {
    assert.match(lineComplaints('  ')[0] ?? '', /1 to 200 characters/);
    assert.match(lineComplaints('🌊'.repeat(201))[0] ?? '', /longer than 200/);
    assert.match(lineComplaints('a'.repeat(10_000_000))[0] ?? '', /longer than 200/);
    assert.match(lineComplaints('a\nb')[0] ?? '', /control characters/);
    assert.match(lineComplaints('a\0b')[0] ?? '', /control characters/);
    assert.match(lineComplaints('a\ud800b')[0] ?? '', /Unicode/);
    assert.match(lineComplaints(`my ${key}`)[0] ?? '', /contains an API key/);
    assert.ok(!lineComplaints(`my ${key}`).join().includes('aaaa'));
  });
});

describe('checkMetadata', () => {
  it('accepts small objects', () => {
    assert.deepEqual(metadataComplaints({ team: 'vision', nested: { list: [1, null, true, 'x'] } }), []);
  });

  it('names what is wrong', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 8; level++) deep = { deep };
    assert.match(metadataComplaints(deep)[0] ?? '', /nested deeper than 8/);
    assert.match(metadataComplaints({ a: 'x'.repeat(4096) })[0] ?? '', /larger than 4096 bytes/);
    assert.match(metadataComplaints({ 'a\0': 1 })[0] ?? '', /NUL/);
    assert.match(metadataComplaints({ a: ['\ud800'] })[0] ?? '', /Unicode/);
    assert.match(metadataComplaints({ note: { old: key } })[0] ?? '', /contains an API key/);
  });
});
