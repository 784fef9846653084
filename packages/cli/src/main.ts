/** The `hokusai` command: the process around it. bin/hokusai.js picks the Node that this runs on. */
import { readFileSync } from 'node:fs';
import { createContext } from './context.ts';
import { run } from './run.ts';
import { createTerminal } from './terminal.ts';

const { version } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('@hokusai/cli/package.json')), 'utf8'),
);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort());
}
const context = createContext({
  terminal: createTerminal(process, process.env, interruption.signal),
  env: process.env,
  version,
  now: Date.now,
  signal: interruption.signal,
});
process.exitCode = await run(process.argv.slice(2), context);
