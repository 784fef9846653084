import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { ExportFormatError, RecordReader } from './record-reader.ts';
import { eventRecordSchema } from './records.ts';

const only = (line: string) => Readable.from([line]);

const hash = fc.string({ minLength: 64, maxLength: 64 });
const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  -1,
  1.5,
  2 ** 53,
  '',
  'x',
  'x'.repeat(63),
  {},
  [],
  [null],
);
const valid = {
  type: fc.constant('event'),
  chain_seq: fc.integer({ min: 1 }),
  event_id: fc.string(),
  previous_hash: hash,
  hash,
  body: fc.string(),
};
const personal = fc.array(fc.record({ name: fc.string(), value: fc.string(), salt: hash }), { maxLength: 2 });

/** A record, mostly with one member that is not what it should be. */
const record = fc
  .tuple(
    fc.record({ ...valid, personal }, { requiredKeys: ['type'] }),
    fc.record(valid),
    fc.option(personal),
    fc.option(
      fc.tuple(fc.constantFrom(...Object.keys(valid), 'personal', 'salt', 'altered_columns', 'other'), odd),
    ),
  )
  .map(([partial, whole, values, change]) => {
    const json: Record<string, unknown> = { ...whole, ...partial, ...(values ? { personal: values } : {}) };
    if (change?.[0] === 'salt') json.personal = [{ name: 'a', value: 'b', salt: change[1] }];
    else if (change) json[change[0]] = change[1];
    return json;
  });

describe('a reader of records', () => {
  it('takes as an event what the schema takes', async () => {
    await fc.assert(
      fc.asyncProperty(record, async (json) => {
        const line = JSON.stringify(json);
        const expected = eventRecordSchema.safeParse(JSON.parse(line));
        const reading = new RecordReader(only(line)).next();
        if (expected.success) assert.deepEqual(await reading, expected.data);
        else await assert.rejects(reading, ExportFormatError);
      }),
      { numRuns: 1000 },
    );
  });
});
