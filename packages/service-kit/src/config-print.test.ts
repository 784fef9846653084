import assert from 'node:assert/strict';
import { z } from 'zod';
import { defineConfig, variable } from './config.ts';
import { about, describeShape, secret } from './config-description.ts';

const shape = {
  PORT: about('Where it listens.', variable.port().default(8080)),
  DATABASE_URL: secret(about('The database.', variable.url('postgres'))),
  TOKEN: about('What it is known by.', secret(z.string()).optional()),
  RING: about('Secrets.', variable.secretRing().optional()),
  MODE: variable.oneOf(['fast', 'slow']).default('fast'),
};

const key = Buffer.alloc(32, 7).toString('base64url');

describe('a configuration in force', () => {
  it('is printed with where each value is from, and no secret', () => {
    const env = {
      DATABASE_URL: 'postgres://u:s3cret@db/keys',
      TOKEN: 's3cret',
      RING: `a:${key}`,
      MODE: 'slow',
    };
    const configuration = defineConfig(shape);
    assert.equal(
      configuration.print(configuration.load(env), env),
      'PORT=8080  # default\nDATABASE_URL=postgres://db/keys\nTOKEN=[set]\nRING=a\nMODE=slow\n',
    );
  });

  it('names the file that a value is from', () => {
    const env = { DATABASE_URL: 'postgres://db/keys', TOKEN_FILE: import.meta.filename };
    const configuration = defineConfig(shape);
    const printed = configuration.print(configuration.load(env), env);
    assert.ok(printed.includes(`TOKEN=[set]  # from ${import.meta.filename}\n`), printed);
  });
});

describe('the description of a configuration', () => {
  it('says of each variable what its schema knows, inside of a default and of an optional one', () => {
    const told = describeShape(shape).map(({ name, purpose, isRequired, isSecret, defaultText }) =>
      [name, purpose, isRequired, isSecret, defaultText].join('; '),
    );
    assert.deepEqual(told, [
      'PORT; Where it listens.; false; false; 8080',
      'DATABASE_URL; The database.; true; true; ',
      'TOKEN; What it is known by.; false; true; ',
      'RING; Secrets.; false; true; ',
      'MODE; ; false; false; fast',
    ]);
  });
});
