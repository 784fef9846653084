/** What a local MLflow server has stored: to be compared, and to be put back. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Dump } from './dump.ts';

export interface MlflowContents extends Disposable {
  /** All rows of all tables, and the hash of every artifact. */
  dump(): Dump;
  /** Keeps what is stored now in a folder that there is not yet. */
  saveTo(folder: string): Promise<void>;
  /** Puts back what was saved, while the server runs and answers nobody. */
  restoreFrom(folder: string): Promise<void>;
}

const DATABASE = 'mlflow.db';
const ARTIFACTS = 'artifacts';

/** For the `dataDirectory` of a server that `@hokusai/local-stack` started. */
export function mlflowContents(dataDirectory: string): MlflowContents {
  const live = join(dataDirectory, DATABASE);
  const artifacts = join(dataDirectory, ARTIFACTS);
  const database = new DatabaseSync(live, { readOnly: true, readBigInts: true });
  return {
    dump: () => new Map([...dumpTables(database), ...dumpFiles(artifacts)]),
    saveTo: async (folder) => {
      cpSync(artifacts, join(folder, ARTIFACTS), { recursive: true });
      await backup(database, join(folder, DATABASE));
    },
    restoreFrom: async (folder) => {
      rmSync(artifacts, { recursive: true, force: true });
      cpSync(join(folder, ARTIFACTS), artifacts, { recursive: true });
      using saved = new DatabaseSync(join(folder, DATABASE), { readOnly: true });
      // Through SQLite, which has the server's connections notice.
      await backup(saved, live, { rate: WHOLE_DATABASE_PAGES });
    },
    [Symbol.dispose]: () => database.close(),
  };
}

/** In one step: between two, others would find the database locked. */
const WHOLE_DATABASE_PAGES = 1_000_000;

function* dumpTables(database: DatabaseSync): Generator<[string, string]> {
  const tables = database.prepare("select name, sql from sqlite_schema where type = 'table' order by name");
  for (const { name, sql } of tables.all()) {
    const rows = database.prepare(`select * from "${String(name)}"`).all();
    yield [`table ${String(name)}`, [String(sql), ...rows.map(asLine).toSorted()].join('\n')];
  }
}

function asLine(row: Record<string, unknown>): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
}

function* dumpFiles(folder: string): Generator<[string, string]> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder';
    yield [`artifact ${relative(folder, path)}`, content];
  }
}
