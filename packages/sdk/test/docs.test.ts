/** The pages that list errors and settings list all of them, as they are. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '../src/config/config.ts';
import { SETTINGS } from '../src/config/settings.ts';
import * as sdk from '../src/index.ts';
import { SDK_CALLS } from './support/sdk-calls.ts';

const page = (name: string) => readFile(join(import.meta.dirname, '../../../docs/sdk', name), 'utf8');

describe('docs/sdk/errors.md', () => {
  it('has a row for each class of errors, with its code', async () => {
    const text = await page('errors.md');
    const classes = Object.values(sdk).filter(
      (exported): exported is typeof sdk.NotFoundError =>
        typeof exported === 'function' && exported.prototype instanceof sdk.MlPlatformError,
    );
    const rows = classes.map((of) => `| \`${of.name}\` | \`${codeOf(of)}\` |`);
    assert.deepEqual(
      rows.filter((row) => !text.includes(row)),
      [],
    );
    assert.equal(text.match(/^\| `\w+Error` \|/gm)?.length, classes.length);
  });

  it('names the calls that are not repeated', async () => {
    const text = (await page('errors.md')).replace(/\s+/g, ' ');
    const passage = /Others are those[^:]*: (.*?), which can't be had a second time/.exec(text)?.[1] ?? '';
    const missing = SDK_CALLS.filter(({ isRepeatable }) => !isRepeatable)
      .map(({ name }) =>
        /registerModel|registerFromRun/.test(name) ? 'registering' : name.split(/[. ]/).at(-1),
      )
      .filter((word) => word !== 'withRun' && !passage.includes(`${word}`));
    assert.deepEqual(missing, []);
  });
});

describe('docs/sdk/configuration.md', () => {
  it('has a row for each setting, with its variable and its default', async () => {
    const text = await page('configuration.md');
    const config = resolveConfig({}, {});
    for (const [name, { variable }] of Object.entries(SETTINGS)) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` | \`${variable}\``));
      assert(row, `${name} ${variable}`);
      const value = config[name as keyof typeof SETTINGS];
      const shown = typeof value === 'number' ? value.toLocaleString('en') : String(value ?? 'Default');
      assert(row.includes(`| ${shown} |`) || row.includes(`\`${shown}\` |`), `${row} ${shown}`);
    }
  });
});

function codeOf(of: unknown): string {
  const construct = of as new (first: unknown, second: unknown) => sdk.MlPlatformError;
  return new construct(['problem'], []).code;
}
