import { spawn } from 'node:child_process';

export interface CommandOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Told of each line of stderr, for progress. */
  onLine?: (line: string) => void;
  /** Ends the command. */
  signal?: AbortSignal | undefined;
}

/** A command that did not end with exit code 0. Its message holds the end of what it printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(command: string, how: string, output: string) {
    const end = output.trimEnd().split('\n').slice(-15).join('\n').replaceAll(/^/gm, '  ');
    super(`${command} ${how}${output.trim() === '' ? '' : `:\n${end}`}`);
    this.output = output;
  }
}

/** Runs a command to its end and returns what it printed on stdout. Throws CommandError. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env, cwd, uid, gid, onLine, signal }: CommandOptions,
): Promise<string> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(signal === undefined ? {} : { signal }),
  });
  let stdout = '';
  let both = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    both += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    both += text;
    for (const line of text.split(/[\r\n]+/)) if (line.trim() !== '') onLine?.(line.trim());
  });
  const how = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`could not be run (${error.message})`));
    child.once('close', (code, killedBy) => {
      if (killedBy !== null) return resolve(`was ended by ${killedBy}`);
      return resolve(code === 0 ? undefined : `failed with exit code ${code}`);
    });
  });
  if (how !== undefined) throw new CommandError(command, how, both);
  return stdout;
}
