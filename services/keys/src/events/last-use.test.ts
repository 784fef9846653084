import assert from 'node:assert/strict';
import { lastUses } from './last-use.ts';

const report = (key_id: string, secret_prefix: string, second: number, client_ip = '10.0.0.1') => ({
  key_id,
  secret_prefix,
  timestamp: new Date(second * 1000).toISOString(),
  client_ip,
});

describe('lastUses', () => {
  it('keeps the latest use of each key and of each secret, in whatever order they are reported', () => {
    const { keys, secrets } = lastUses([
      report('a', 'a-new', 3, '10.0.0.3'),
      report('a', 'a-old', 9, '10.0.0.9'),
      report('b', 'b-new', 5),
      report('a', 'a-new', 2, '10.0.0.2'),
    ]);
    const brief = ({ keyId, keyPrefix, at, ip }: (typeof keys)[number]) =>
      `${keyId} ${keyPrefix} ${at.getTime() / 1000} ${ip}`;
    assert.deepEqual(keys.map(brief), ['a a-old 9 10.0.0.9', 'b b-new 5 10.0.0.1']);
    assert.deepEqual(secrets.map(brief), ['a a-new 3 10.0.0.3', 'a a-old 9 10.0.0.9', 'b b-new 5 10.0.0.1']);
  });

  it('keeps no address that is none', () => {
    const ip = (text: string) => lastUses([report('a', 'p', 1, text)]).keys[0]?.ip;
    assert.deepEqual(['2001:db8::1', 'fe80::1%eth0', '::ffff:10.0.0.1', 'unknown', ''].map(ip), [
      '2001:db8::1',
      'fe80::1',
      '::ffff:10.0.0.1',
      null,
      null,
    ]);
  });
});
