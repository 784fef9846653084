import assert from 'node:assert/strict';
import { additionProblems, migrationProblems } from './migrations.ts';

const folder = 'services/keys/migrations';
const released = { [`${folder}/0001_keys.sql`]: 'aa', [`${folder}/0002_more.sql`]: 'bb' };

describe('migrations that were released', () => {
  it('may be followed by new ones, of the same service and of others', () => {
    const added = {
      ...released,
      [`${folder}/0003_new.sql`]: 'cc',
      'services/audit/migrations/0001_a.sql': 'dd',
    };
    assert.deepEqual(migrationProblems(released, added), []);
  });

  it('may not be changed, removed, renamed or preceded', () => {
    const problems = (present: Record<string, string>) => migrationProblems(released, present);
    const [first, second] = [`${folder}/0001_keys.sql`, `${folder}/0002_more.sql`];
    assert.deepEqual(problems({ [first]: 'aa', [second]: 'cc' }), [`migration-changed: ${second}`]);
    assert.deepEqual(problems({ [first]: 'aa' }), [`migration-removed: ${second}`]);
    assert.match(problems({ [first]: 'aa', [`${folder}/0003_more.sql`]: 'bb' }).join(), /migration-removed/);
    assert.match(
      problems({ ...released, [`${folder}/0001_zero.sql`]: 'cc' }).join(),
      /^migration-out-of-order/,
    );
  });
});

describe('a new migration', () => {
  const problems = (up: string, down = '') =>
    additionProblems('0003.sql', `-- Up Migration\n\n${up}\n\n-- Down Migration\n\n${down}\n`, ['0.1.0']);

  const additions = [
    'create table t (id uuid primary key, name text not null);',
    'alter table t add column a text, add column b bigint not null default 0;',
    'alter table t add column c text not null generated always as (upper(a)) stored;',
    'drop index t_idx; alter table t drop constraint t_check;',
    '-- drop table t\nselect 1;',
  ];
  for (const up of additions) {
    it(`may ${up}`, () => assert.deepEqual(problems(up, 'drop table t;'), []));
  }

  const others = [
    'drop table t;',
    'alter table t drop column a;',
    'ALTER TABLE t RENAME COLUMN a TO b;',
    'alter table t alter column a type bigint;',
    'alter table t alter column a set not null;',
    'alter table t add column a text not null;',
    'alter table t add a text not null, add b text default 1;',
  ];
  for (const up of others) {
    it(`may not ${up}`, () => assert.match(problems(up).join(), /^migration-not-additive: 0003.sql: /));
  }

  it('may take away what is said to be without a reader since a release, not since any other version', () => {
    assert.deepEqual(problems('-- Without a reader since 0.1.0\ndrop table t;'), []);
    assert.equal(problems('-- Without a reader since 0.2.0\ndrop table t;').length, 1);
  });
});
