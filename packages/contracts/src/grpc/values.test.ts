import assert from 'node:assert/strict';
import { services } from './services.ts';
import {
  fromDuration,
  fromStruct,
  fromTimestamp,
  type JsonObject,
  toDuration,
  toStruct,
  toTimestamp,
} from './values.ts';

describe('gRPC values', () => {
  it('carry times to the millisecond, before 1970 too, and absent ones', () => {
    for (const iso of ['2026-11-22T01:02:03.004Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']) {
      const timestamp = toTimestamp(new Date(iso));
      assert.ok(timestamp?.nanos !== undefined && timestamp.nanos >= 0);
      assert.equal(fromTimestamp(timestamp)?.toISOString(), iso);
    }
    assert.equal(toTimestamp(null), null);
    assert.equal(fromTimestamp(undefined), null);
    assert.equal(fromTimestamp({ seconds: '1', nanos: 999_999_999 })?.getTime(), 1999);
  });

  it('carry durations', () => {
    for (const ms of [0, 1, 999, 1000, 65_000, 1.5, -1500]) assert.equal(fromDuration(toDuration(ms)), ms);
    assert.equal(fromDuration(null), null);
  });

  it('carry JSON objects', () => {
    const object: JsonObject = {
      text: '',
      number: -1.5,
      zero: 0,
      yes: true,
      no: false,
      nothing: null,
      list: [1, 'two', [null], { three: 3 }],
      object: { empty: {}, list: [] },
    };
    const { requestSerialize, requestDeserialize } = services.keyManagement.CreateKey;
    const sent = requestSerialize({ metadata: toStruct(object) });
    assert.deepEqual(fromStruct(requestDeserialize(sent).metadata), object);
    assert.deepEqual(fromStruct(toStruct(object)), object);
    assert.deepEqual(fromStruct(null), {});
  });

  it('carry names that objects have of themselves', () => {
    const object = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as JsonObject;
    const copy = fromStruct(toStruct(object));
    assert.deepEqual(Object.keys(copy), ['__proto__', 'constructor']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});
