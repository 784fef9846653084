import { createDatabase, type TestDatabase } from '@hokusai/testing';
import { type Core, type IssuedKey, openCore } from './core.ts';

export interface FreshCore {
  database: TestDatabase;
  core: Core;
  /** With the scope admin, as a first start makes it. */
  admin: IssuedKey;
}

/** Gives each test of the suite that calls it a core on a database of its own. */
export function freshCore(take: (fresh: FreshCore) => void): void {
  let database: TestDatabase | undefined;
  let core: Core | undefined;

  beforeEach(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    take({ database, core, admin: await core.bootstrapAdmin() });
  });

  afterEach(async () => {
    await core?.close();
    await database?.close();
  });
}
