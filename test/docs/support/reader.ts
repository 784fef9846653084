/** Somebody who reads a page in a checkout of their own, and types what it says. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createKey } from '../../e2e/support/rest.ts';
import type { Stack } from '../../e2e/support/stack.ts';
import { root } from './page.ts';

export interface Reader {
  /** Where they work: as the checkout, with the stack in `.hokusai`; what they write stays here. */
  folder: string;
  env: Record<string, string>;
  gatewayUrl: string;
  /** Types commands; variables and the folder are as the commands before have left them. */
  type(script: string): Promise<Ended>;
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  leave(): Promise<void>;
}

export interface Ended {
  exitCode: number;
  stdout: string;
  /** Both, one after the other. */
  output: string;
}

const LIMIT_MS = 120_000;
/** What pages write instead of an address and a key of the reader's own. */
const ADDRESSES = /https?:\/\/(?:127\.0\.0\.1:8080|gateway\.example)\b/g;
const KEY = /\bhk_live_…/g;
/** Not every machine has jq, of which pages need fields by their names: `.id`, `.data[].id`. */
const JQ = `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
let found = [JSON.parse(readFileSync(0, 'utf8'))];
for (const [, name, all] of process.argv[3].matchAll(/\\.(\\w+)(\\[\\])?/g))
  found = found.flatMap((each) => (all ? each[name] : [each[name]]));
for (const each of found) console.log(each);
`;
const SHELLS_OWN = 'BASH*|DIRSTACK|EPOCH*|EUID|FUNCNAME|GROUPS|IFS|LINENO|OPT*|PIPESTATUS|PPID|PS4|RANDOM';
/** Written as the block ends, read as the next begins. */
const SAVE = `__save() { local name; pwd > "$HOME/.folder"; for name in $(compgen -v); do case $name in
  ${SHELLS_OWN}|SECONDS|SHELLOPTS|SHLVL|SRANDOM|UID|PWD|OLDPWD|_|name) ;;
  *) declare -p "$name" | sed '1s/^declare /declare -g /' ;; esac; done > "$HOME/.variables"; }; trap __save EXIT`;
const RESTORE = '[ ! -f "$HOME/.variables" ] || { . "$HOME/.variables"; cd "$(cat "$HOME/.folder")"; }';
const NOT_OF_THE_READER = ['.git', '.hokusai', 'tsconfig.json'];

/** @param name shown in lists of keys @param isNew has no key yet, and no address */
export async function readerOf(stack: Stack, name: string, isNew: boolean): Promise<Reader> {
  const base = await mkdtemp(join(tmpdir(), 'hokusai-docs-'));
  const folder = await checkoutIn(base, stack);
  const { key } = await createKey(stack.gatewayUrl, stack.adminKey, {
    name,
    scopes: ['mlflow:read', 'mlflow:write', 'mlflow:delete'],
  });
  const known = {
    MLFLOW_TRACKING_URI: `${stack.gatewayUrl}/mlflow`,
    MLFLOW_TRACKING_TOKEN: key,
    HOKUSAI_API_KEY: stack.adminKey,
  };
  const env = {
    PATH: [
      join(base, 'bin'),
      dirname(stack.python),
      join(root, 'node_modules/.bin'),
      dirname(process.execPath),
      process.env['PATH'],
    ].join(':'),
    HOME: join(base, 'home'),

    // In place of the default address, at which there may be another stack.
    HOKUSAI_API_URL: stack.gatewayUrl,
    NODE_OPTIONS: '--conditions=source --disable-warning=ExperimentalWarning',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    GIT_PYTHON_REFRESH: 'quiet',
    ...(isNew ? {} : known),
  };
  const run = (program: string, args: readonly string[], more = {}) =>
    runIn(folder, { ...env, ...more }, program, args);
  return {
    folder,
    env,
    gatewayUrl: stack.gatewayUrl,
    run,
    type: async (script) => {
      const typed = script.replace(ADDRESSES, stack.gatewayUrl).replace(KEY, key);
      const ended = await run('bash', ['-c', [SAVE, RESTORE, 'set -e', typed].join('\n')]);
      const asOnThePage = (text: string) => text.replaceAll(stack.gatewayUrl, 'http://127.0.0.1:8080');
      return { ...ended, stdout: asOnThePage(ended.stdout), output: asOnThePage(ended.output) };
    },
    leave: () => rm(base, { recursive: true }),
  };
}

async function checkoutIn(base: string, stack: Stack): Promise<string> {
  const folder = join(base, 'checkout');
  for (const each of [folder, join(base, 'bin'), join(base, 'home')]) await mkdir(each);
  for (const entry of readdirSync(root))
    if (!NOT_OF_THE_READER.includes(entry)) await symlink(join(root, entry), join(folder, entry));
  await symlink(stack.home, join(folder, '.hokusai'));
  if (!existsSync(join(folder, 'model'))) await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model/weights.bin'), 'w'.repeat(100_000));
  await writeFile(join(folder, 'model/config.json'), '{}');
  await writeFile(join(base, 'bin/package.json'), '{"type": "module"}');
  await writeFile(join(base, 'bin/jq'), JQ);
  await chmod(join(base, 'bin/jq'), 0o755);
  return folder;
}

async function runIn(
  cwd: string,
  env: Record<string, string>,
  program: string,
  args: readonly string[],
): Promise<Ended> {
  const options = { cwd, env, timeout: LIMIT_MS, killSignal: 'SIGKILL' as const, maxBuffer: 2 ** 24 };
  const ended = promisify(execFile)(program, args, options);
  ended.child.stdin?.end();
  const { stdout, stderr, code } = await ended.then(
    (output) => ({ ...output, code: 0 }),
    (error: { stdout: string; stderr: string; code: number | null }) => error,
  );
  return { exitCode: code ?? -1, stdout, output: stdout + stderr };
}
