import assert from 'node:assert/strict';
import { SUBJECTS } from '@hokusai/contracts';
import fc from 'fast-check';
import { decodeFile, encodeBatch, FILE_MARK, type SpoolMessage } from './records.ts';

const anyBatch: fc.Arbitrary<SpoolMessage> = fc
  .record({
    id: fc.string(),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    from: fc.integer({ min: 1, max: 1e9 }),
    length: fc.nat(500),
  })
  .map(({ id, payload, from, length }) => {
    const to = from + length - 1;
    return { subject: SUBJECTS.usageRequests, id, payload, from, to, weight: Math.max(length, 1) };
  });
const anyBatches = fc.array(anyBatch, { minLength: 1, maxLength: 6 });

function plain(batches: readonly SpoolMessage[]) {
  return batches.map((batch) => ({ ...batch, payload: Buffer.from(batch.payload).toString('hex') }));
}

describe('records of the spool', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const decoded = decodeFile(Buffer.concat([FILE_MARK, ...batches.map(encodeBatch)]));
        assert.deepEqual(plain(decoded.batches), plain(batches));
        assert.equal(decoded.unreadableBytes, 0);
      }),
    );
  });

  it('that are whole are read, wherever the file was cut off', () => {
    fc.assert(
      fc.property(anyBatches, fc.nat(), (batches, cut) => {
        const records = batches.map(encodeBatch);
        const file = Buffer.concat([FILE_MARK, ...records]);
        const rest = file.subarray(0, cut % (file.length + 1));
        let end = FILE_MARK.length;
        const whole = records.filter(({ length }) => {
          end += length;
          return end <= rest.length;
        });
        const decoded = decodeFile(rest);
        assert.deepEqual(plain(decoded.batches), plain(batches.slice(0, whole.length)));
        const read = whole.reduce((sum, { length }) => sum + length, FILE_MARK.length);
        const isMarked = rest.length >= FILE_MARK.length;
        assert.equal(decoded.unreadableBytes, isMarked ? rest.length - read : rest.length);
      }),
    );
  });

  it('before a byte that is not as it was written are read, and nothing that was not written', () => {
    fc.assert(
      fc.property(anyBatches, fc.nat(), fc.integer({ min: 1, max: 255 }), (batches, place, change) => {
        const file = Buffer.concat([FILE_MARK, ...batches.map(encodeBatch)]);
        const index = place % file.length;
        file.writeUInt8(file.readUInt8(index) ^ change, index);
        const decoded = decodeFile(file);
        assert.deepEqual(plain(decoded.batches), plain(batches.slice(0, decoded.batches.length)));
        assert.ok(decoded.unreadableBytes > 0);
      }),
    );
  });
});
