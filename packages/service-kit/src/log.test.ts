import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mintKey } from '@hokusai/key-format';
import { createLogger } from './log.ts';

describe('createLogger', () => {
  it('writes JSON in which a key is redacted wherever it stands', () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => lines.push(line) },
    });
    const { key, prefix } = mintKey('live', [], randomBytes);
    logger.info({ nested: { header: `Bearer ${key}` }, err: new Error(`bad ${key}`) }, `message with ${key}`);
    const written = lines.join('');
    assert.ok(!written.includes(key.slice(prefix.length)), 'no secret part');
    assert.ok(written.includes(prefix), 'the public prefix stays');
    const record = JSON.parse(written) as { level: string; service: string; time: string };
    assert.deepEqual([record.level, record.service], ['info', 'test']);
    assert.match(record.time, /^\d{4}-\d\d-\d\dT/);
  });

  it('leaves out the command of an error of Redis, which may hold its password', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => lines.push(line) };
    const logger = createLogger({ service: 'test', level: 'info', destination });
    const command = { name: 'hello', args: ['3', 'AUTH', 'gateway', 'a password'] };
    const refused = Object.assign(new Error('WRONGPASS'), { command, code: 'REFUSED' });
    const cause = Object.assign(new Error('outer', { cause: refused }), { command });
    for (const err of [refused, cause]) logger.warn({ err }, 'Redis is away');
    assert.doesNotMatch(lines.join(''), /a password/);
    assert.match(lines[0] ?? '', /WRONGPASS.*REFUSED/);
    assert.match(lines[1] ?? '', /outer.*WRONGPASS/);
  });
});
