/** What every command is given. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ApiClient, createClient } from './api/client.ts';
import { type Access, type GlobalOptions, resolveAccess, resolveUrl, type Sourced } from './config/access.ts';
import { configFolder, createProfileStore, type ProfileStore } from './config/profiles.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Context {
  terminal: Terminal;
  profiles: ProfileStore;
  env: Environment;
  version: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Raised on Ctrl-C. */
  signal: AbortSignal;
  /** Which gateway the command's options, the variables and the profile point to, and with which key. */
  accessFor(command: Command): Promise<Access>;
  /** The gateway that the command's options, the variables and the profile point to. */
  connect(command: Command): Promise<ApiClient>;
  /** The same for a key that is not kept anywhere yet. */
  clientFor(access: Access): ApiClient;
  urlFor(command: Command): Promise<Sourced>;
  /** Resolves after so many milliseconds. Throws `cancelled` on Ctrl-C. */
  delay(ms: number): Promise<void>;
}

export interface ContextOptions {
  terminal: Terminal;
  env: Environment;
  version: string;
  now: () => number;
  /** Raised on Ctrl-C. */
  signal: AbortSignal;
}

export function createContext({ terminal, env, version, now, signal }: ContextOptions): Context {
  const profiles = createProfileStore(configFolder(env));
  function clientFor(access: Access): ApiClient {
    warnIfOpen(access);
    return createClient({
      access,
      version,
      signal,
      now,
      delay: (ms) => delay(ms, signal),
      onRepeat: (waitMs) => noteRepetition(terminal, waitMs),
    });
  }
  function warnIfOpen({ url }: Access): void {
    if (isSafe(url.value)) return;
    terminal.warn(`The key travels unencrypted to ${url.value}: anybody on the way can take it.`);
  }
  async function resolve(command: Command): Promise<Access> {
    const options = globalOptions(command);
    const access = await resolveAccess(options, env, profiles);
    if (options.profile !== undefined && access.key.source === 'HOKUSAI_API_KEY') {
      terminal.warn(`HOKUSAI_API_KEY goes before the key of profile "${options.profile}".`);
    }
    return access;
  }
  return {
    terminal,
    profiles,
    env,
    version,
    now,
    signal,
    clientFor,
    delay: (ms) => delay(ms, signal),
    urlFor: (command) => resolveUrl(globalOptions(command), env, profiles),
    async accessFor(command) {
      const access = await resolve(command);
      warnIfOpen(access);
      return access;
    },
    connect: async (command) => clientFor(await resolve(command)),
  };
}

export function globalOptions(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

/** Tells that there is something to wait for. */
export function noteRepetition(terminal: Terminal, waitMs: number): void {
  if (waitMs >= 1000) terminal.note(`No answer yet: asking again in ${Math.round(waitMs / 100) / 10} s …`);
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw new Failure('cancelled', 'Cancelled.', {
      advice: ['What was asked for may have been done: look before asking again.'],
      cause,
    });
  }
}

/** Encrypted, or not leaving this machine. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
