/** Asks the MLflow that is installed what it serves. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface InstalledMlflow {
  version: string;
  /** Method, path, and which of MLflow's applications has it. */
  routes: [method: string, path: string, source: string][];
  auth_paths: string[];
  mutations: string[];
}

const described = new Map<string, Promise<InstalledMlflow>>();

/** What it serves. Asked once: to load all of MLflow takes seconds. */
export function describeMlflow(python: string): Promise<InstalledMlflow> {
  const known = described.get(python) ?? askMlflow<InstalledMlflow>(python, []);
  described.set(python, known);
  return known;
}

/** Runs `mlflow-routes.py`; `input` goes to it as JSON. Its warnings are MLflow's and of no interest. */
export function askMlflow<T>(python: string, args: readonly string[], input?: unknown): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const script = join(import.meta.dirname, '../mlflow-routes.py');
  const child = execFile(python, [script, ...args], { maxBuffer: 2 ** 26 }, (error, stdout) => {
    if (error) reject(error);
    else resolve(JSON.parse(stdout) as T);
  });
  child.stdin?.end(JSON.stringify(input ?? null));
  return promise;
}
