/** Lists of users, on real Postgres. */
import assert from 'node:assert/strict';
import type { TestDatabase } from '@hokusai/testing';
import type { UserListRequest } from '../src/domain/user-listing.ts';
import { checkUserListRequest } from '../src/domain/user-listing.ts';
import { userListStatement } from '../src/storage/user-list-statement.ts';
import { type Core, type IssuedKey, openCore, refusal } from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const nothing: UserListRequest = {
  ...{ pageSize: 0, cursor: '', externalId: '', email: '', role: null, standing: null },
};

describe('listing users', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core, database } = fresh);
  });

  const list = (request: Partial<UserListRequest> = {}) =>
    core.users.listUsers(admin.caller, { ...nothing, ...request });
  const names = async (request: Partial<UserListRequest> = {}) =>
    (await list(request)).users.map(({ displayName }) => displayName);

  async function pages(request: Partial<UserListRequest>): Promise<string[][]> {
    const seen: string[][] = [];
    let cursor = '';
    do {
      const page = await list({ ...request, cursor });
      seen.push(page.users.map(({ displayName }) => displayName));
      cursor = page.nextCursor;
    } while (cursor !== '');
    return seen;
  }

  async function addUsers() {
    // A minute apart: what is made at once may well be made in one millisecond.
    const insert = `insert into users (id, external_id, email, display_name, role, disabled_at, created_at)
      values (gen_random_uuid(), $1, $2, $3, $4, $5, now() + $6 * interval '1 minute')`;
    const people = [
      ['okta|1', 'Ada@Example.org', 'ada', 'member', null],
      ['OKTA|1', null, 'ben', 'admin', null],
      [null, 'ada@example.ORG', 'cy', 'member', new Date()],
      [null, 'ada@example.org.uk', 'di', 'admin', new Date()],
      ['%', 'a_a@example.org', 'ed', 'member', null],
    ];
    for (const [index, person] of people.entries()) await core.pool.query(insert, [...person, index + 1]);
  }

  it('is newest first, a page at a time, each user once', async () => {
    await addUsers();
    assert.deepEqual(await names(), ['ed', 'di', 'cy', 'ben', 'ada', 'Administrator']);
    assert.deepEqual(await pages({ pageSize: 4 }), [
      ['ed', 'di', 'cy', 'ben'],
      ['ada', 'Administrator'],
    ]);
    assert.deepEqual(await pages({ pageSize: 3, standing: 'active' }), [
      ['ed', 'ben', 'ada'],
      ['Administrator'],
    ]);
  });

  it('pages through users of the same instant', async () => {
    const insert = `insert into users (id, display_name, role, created_at)
      select gen_random_uuid(), n, 'member', '2020-01-01' from generate_series(1, 25) n`;
    await core.pool.query(insert);
    const seen = (await pages({ pageSize: 10, role: 'member' })).flat();
    assert.deepEqual([seen.length, new Set(seen).size], [25, 25]);
  });

  it('filters', async () => {
    await addUsers();
    const cases: [Partial<UserListRequest>, string[]][] = [
      [{ externalId: 'okta|1' }, ['ada']],
      [{ externalId: 'okta|' }, []],
      [{ externalId: '%' }, ['ed']],
      [{ email: 'ADA@example.org' }, ['cy', 'ada']],
      [{ email: 'ada@example.org', standing: 'disabled' }, ['cy']],
      [{ email: 'ada@example' }, []],
      [{ email: '___@example.org' }, []],
      [{ role: 'admin' }, ['di', 'ben', 'Administrator']],
      [{ role: 'member' }, ['ed', 'cy', 'ada']],
      [{ standing: 'active' }, ['ed', 'ben', 'ada', 'Administrator']],
      [{ standing: 'disabled' }, ['di', 'cy']],
      [{ role: 'admin', standing: 'disabled' }, ['di']],
      [{ role: 'member', standing: 'active', externalId: 'okta|1' }, ['ada']],
    ];
    for (const [request, expected] of cases) {
      assert.deepEqual(await names(request), expected, JSON.stringify(request));
    }
  });

  it('refuses a forged cursor', async () => {
    assert.deepEqual(await refusal(list({ cursor: 'AAAA' })), ['invalid_request', 'invalid_cursor']);
  });

  it('reads a page and no more, however many users do not match before it', async () => {
    // Each filter, alone or with another, has thousands of newer users who don't match.
    await core.pool.query(
      `insert into users (id, external_id, email, display_name, role, created_at, disabled_at)
       select gen_random_uuid(), 'okta|' || n, case when n < 18000 then 'shared@example.org' end, n,
         case when n / 5000 in (0, 3) then 'member' else 'admin' end,
         timestamptz '2020-01-01' + n * interval '1 second', case when n < 10000 then now() end
       from generate_series(0, 19999) n`,
    );
    const owner = openCore(database.ownerUrl);
    await owner.pool.query('vacuum analyze users');
    await owner.close();
    const deep = async (filter: Partial<UserListRequest>) => ({
      ...filter,
      cursor: (await list({ ...filter, pageSize: 100 })).nextCursor,
    });
    const filters: Partial<UserListRequest>[] = [
      {},
      await deep({}),
      { role: 'member' },
      { role: 'admin' },
      await deep({ role: 'admin' }),
      { standing: 'active' },
      { standing: 'disabled' },
      await deep({ standing: 'disabled' }),
      ...(['member', 'admin'] as const).flatMap((role) =>
        (['active', 'disabled'] as const).map((standing) => ({ role, standing })),
      ),
      { externalId: 'okta|17' },
      { email: 'SHARED@example.org' },
    ];
    for (const filter of filters) {
      const { blocks, nodes } = await planOf(filter);
      const what = `${JSON.stringify(filter)}: ${blocks} blocks, ${nodes.join(', ')}`;
      // A page of 51 rows, each perhaps in a block of its own, and the way down the index.
      assert.ok(blocks <= 51 + 10, what);
    }
  });

  interface PlanNode {
    'Node Type': string;
    'Shared Hit Blocks': number;
    'Shared Read Blocks': number;
    Plans?: PlanNode[];
  }

  async function planOf(filter: Partial<UserListRequest>): Promise<{ blocks: number; nodes: string[] }> {
    const { text, values } = userListStatement(checkUserListRequest({ ...nothing, ...filter }, core.cursors));
    const { rows } = await core.pool.query(`explain (analyze, buffers, format json) ${text}`, values);
    const plan = rows[0]['QUERY PLAN'][0].Plan as PlanNode;
    const nodesOf = (node: PlanNode): string[] => [node['Node Type'], ...(node.Plans ?? []).flatMap(nodesOf)];
    return { blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], nodes: nodesOf(plan) };
  }
});
