import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, variable } from './config.ts';
import { describeConfig } from './config-description.ts';

const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url');

const shape = {
  PORT: variable.port().default(8080),
  DATABASE_URL: variable.url('postgres', 'postgresql'),
  FEATURE: variable.boolean().default(false),
  RING: variable.secretRing().optional(),
};

describe('loadConfig', () => {
  it('reads, converts and defaults', () => {
    const config = loadConfig(shape, { DATABASE_URL: 'postgres://a:b@c/d', FEATURE: 'true', PORT: '' });
    assert.deepEqual(config, { PORT: 8080, DATABASE_URL: 'postgres://a:b@c/d', FEATURE: true });
  });

  it('reports every problem at once, and no value', () => {
    const load = () => loadConfig(shape, { PORT: '70000', FEATURE: 'yes-s3cret', RING: 'short:s3cret' });
    assert.throws(load, (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.variables.toSorted(), ['DATABASE_URL', 'FEATURE', 'PORT', 'RING']);
      assert.match(error.message, /DATABASE_URL: is required/);
      assert.match(error.message, /PORT: expected a whole number from 0 to 65535/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  });

  it('takes several URLs where they are meant, and shows no password of any', () => {
    const several = { NATS_URL: variable.urls('nats', 'tls') };
    const NATS_URL = 'nats://u:s3cret@a:4222,nats://u:s3cret@b:4222/x@y, tls://c:4222';
    const config = loadConfig(several, { NATS_URL });
    assert.equal(config.NATS_URL, NATS_URL);
    assert.deepEqual(describeConfig(several, config), { NATS_URL: 'nats://a:4222,[set],tls://c:4222' });
    assert.throws(
      () => loadConfig(several, { NATS_URL: 'nats://a,http://b' }),
      /expected URLs that start with/,
    );
    const one = { DATABASE_URL: shape.DATABASE_URL };
    const told = describeConfig(one, { DATABASE_URL: 'postgres://u:p@a/x,postgres://u:s3cret@b/y' });
    assert.doesNotMatch(JSON.stringify(told), /s3cret/);
  });

  it('parses a ring, newest first, and refuses an id that stands twice', () => {
    const ring = loadConfig(shape, {
      DATABASE_URL: 'postgres://x/y',
      RING: `b:${secret(2)},a:${secret(1)}`,
    }).RING;
    assert.deepEqual(
      ring?.map(({ id, secret: bytes }) => [id, bytes[0]]),
      [
        ['b', 2],
        ['a', 1],
      ],
    );
    const twice = `a:${secret(2)},a:${secret(1)}`;
    assert.throws(
      () => loadConfig(shape, { DATABASE_URL: 'postgres://x/y', RING: twice }),
      /RING: expected id:secret/,
    );
  });

  describe('NAME_FILE', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'hokusai-config-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('gives the content of the file without its last line break', () => {
      const path = join(folder, 'url');
      writeFileSync(path, 'postgres://from/file\n');
      assert.equal(loadConfig(shape, { DATABASE_URL_FILE: path }).DATABASE_URL, 'postgres://from/file');
    });

    it('names a file that is not there, and refuses both forms at once', () => {
      const missing = join(folder, 'missing');
      assert.throws(
        () => loadConfig(shape, { DATABASE_URL_FILE: missing }),
        /DATABASE_URL_FILE: can't read .*ENOENT/,
      );
      assert.throws(() => loadConfig(shape, { DATABASE_URL_FILE: missing }), {
        problems: [`DATABASE_URL_FILE: can't read ${missing} (ENOENT)`],
      });
      const both = { DATABASE_URL: 'postgres://x/y', DATABASE_URL_FILE: missing };
      assert.throws(() => loadConfig(shape, both), /set both as DATABASE_URL and as DATABASE_URL_FILE/);
    });
  });
});
