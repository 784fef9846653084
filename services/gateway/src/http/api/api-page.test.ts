import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { described, version } from './about.ts';
import { auditOperations } from './audit/operations.ts';
import { keyOperations } from './keys/operations.ts';
import { usageOperations } from './usage/operations.ts';
import { userOperations } from './users/operations.ts';
import { signInOperation, whoami } from './whoami.ts';

const PAGE = join(import.meta.dirname, '../../../../../docs/reference/api.md');
/** Operations are only described here, never served. */
const NOBODY = {} as never;

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
    const operations = described([
      ...keyOperations(NOBODY),
      ...userOperations(NOBODY),
      ...usageOperations(NOBODY),
      ...auditOperations(NOBODY, NOBODY),
      signInOperation(NOBODY),
      whoami,
      version,
    ]);
    const scopes = operations.map(({ method, path, scope }) => [
      `${method.toUpperCase()} ${path}`,
      scope === 'none' ? 'no key' : (scope ?? 'any'),
    ]);
    const table = [...tableOf(readFileSync(PAGE, 'utf8'))];
    assert.deepEqual(table.sort(), scopes.sort());
  });
});
