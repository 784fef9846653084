import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiOperations } from './operations.ts';

const PAGE = join(import.meta.dirname, '../../../../../docs/reference/api.md');
/** Operations are only described here, never served. */
const NOBODY = {} as Parameters<typeof apiOperations>[0];

/** `POST /api/v1/auth/keys` to the scope that its row names. */
function tableOf(page: string): Map<string, string> {
  const [, section = ''] = /^### Operations$([\s\S]*?)^###/m.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)];
  return new Map(
    rows.flatMap(([, names = '', scope = '']) =>
      operationsIn(names).map((name) => [name, scope.replaceAll('`', '')]),
    ),
  );
}

/** Of `GET /a/b/c`, `…/d`, `POST …/e` the second is `GET /a/b/d`. */
function operationsIn(cell: string): string[] {
  let method = '';
  let folder = '';
  return [...cell.matchAll(/`(?:([A-Z]+) )?([^`]+)`/g)].map(([, said = method, path = '']) => {
    method = said;
    if (!path.startsWith('…')) folder = path.slice(0, path.lastIndexOf('/'));
    return `${method} ${path.replace('…', folder)}`;
  });
}

describe('the page on the API', () => {
  it('has every operation, with the scope that it needs, and no other', () => {
    const operations = apiOperations(NOBODY);
    const scopes = operations.map(({ method, path, scope }) => [
      `${method.toUpperCase()} ${path}`,
      scope === 'none' ? 'no key' : (scope ?? 'any'),
    ]);
    const table = [...tableOf(readFileSync(PAGE, 'utf8'))];
    assert.deepEqual(table.sort(), scopes.sort());
  });
});
