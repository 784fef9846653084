import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RowWriter } from './row-writer.ts';

const LENGTH_BYTES = 4;

/** What was written as one field: its bytes without their length. */
function fieldOf(write: (writer: RowWriter) => void): Buffer {
  const writer = new RowWriter();
  writer.row(1, 4096);
  const start = writer.end;
  write(writer);
  const field = writer.copy().subarray(start);
  assert.equal(field.readInt32BE(), field.length - LENGTH_BYTES);
  return field.subarray(LENGTH_BYTES);
}

describe('a row writer', () => {
  it('writes whole numbers up to the safe ones', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        assert.equal(fieldOf((writer) => writer.int8(value)).readBigInt64BE(), BigInt(value));
      }),
    );
  });

  it('writes times as microseconds since 2000, also before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0) }), (timeMs) => {
        const micros = fieldOf((writer) => writer.timestamptz(timeMs)).readBigInt64BE();
        assert.equal(Number(micros / 1000n) + Date.UTC(2000, 0), timeMs);
      }),
    );
  });

  it('writes uuids, in whatever case', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.boolean(), (uuid, isUpper) => {
        const field = fieldOf((writer) => writer.uuid(isUpper ? uuid.toUpperCase() : uuid));
        assert.equal(field.toString('hex'), uuid.replaceAll('-', ''));
      }),
    );
    assert.throws(() => fieldOf((writer) => writer.uuid('none')), /no uuid/);
  });

  it('writes texts as UTF-8 without NUL, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const expected = text.toWellFormed().replaceAll('\0', '\uFFFD');
        assert.equal(fieldOf((writer) => writer.text(text)).toString(), expected);
      }),
    );
  });

  it('keeps what it has written when it needs more room', () => {
    const writer = new RowWriter();
    const text = 'x'.repeat(4000);
    for (let row = 0; row < 100; row++) {
      writer.row(1, 4096);
      writer.text(text);
    }
    assert.equal(writer.copy().toString('latin1').split(text).length, 101);
    writer.restart();
    assert.equal(writer.copy().length, 0);
  });
});
