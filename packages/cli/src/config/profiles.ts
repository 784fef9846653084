/** Profiles: an address and a key by name, one file each, which only its owner may read. */
import { lstat, readdir, readFile, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { Failure, systemCode } from '../failure.ts';
import { isOpenToOthers, kindOf, NotAFile, preparePrivateFolderAndFile } from './private-file.ts';

export const DEFAULT_PROFILE = 'default';

const NAME = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;
const EXTENSION = '.json';

const profileSchema = z.object({ url: z.string(), key: z.string() });

export type Profile = z.infer<typeof profileSchema>;

/** A profile that is about to be written, and leaves no trace unless it is. */
export interface PendingProfile {
  commit(profile: Profile): Promise<void>;
  /** Does nothing after `commit`. */
  discard(): Promise<void>;
}

export interface ProfileStore {
  /** Where the profile is or would be. Throws `usage` for what can't be a name. */
  path(name: string): string;
  /** null if there is none. Throws `configuration` if it can't be used. */
  read(name: string): Promise<Profile | null>;
  /** Throws `configuration` if it can't be written: before there is anything to lose. */
  prepare(name: string): Promise<PendingProfile>;
  /** Whether there was one. */
  remove(name: string): Promise<boolean>;
  /** In alphabetical order. */
  names(): Promise<string[]>;
}

/** The folder of the command's configuration: $XDG_CONFIG_HOME/hokusai, else the platform's. */
export function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CONFIG_HOME'] ?? '';
  return isAbsolute(base) ? join(base, 'hokusai') : envPaths('hokusai', { suffix: '' }).config;
}

export function createProfileStore(configFolder: string): ProfileStore {
  const folder = join(configFolder, 'profiles');
  function path(name: string): string {
    if (NAME.test(name)) return join(folder, name + EXTENSION);
    throw new Failure('usage', `"${name}" can't be the name of a profile.`, {
      advice: [
        'Take 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
      ],
    });
  }
  return {
    path,
    read: (name) => readProfile(path(name)),
    prepare: (name) => prepareProfile(path(name)),
    remove: (name) => removeProfile(path(name)),
    async names() {
      const files = (await unlessMissing(readdir(folder))) ?? [];
      const names = files
        .filter((file) => file.endsWith(EXTENSION))
        .map((file) => file.slice(0, -EXTENSION.length));
      return names.filter((name) => NAME.test(name)).sort();
    },
  };
}

async function readProfile(path: string): Promise<Profile | null> {
  const status = await unlessMissing(stat(path));
  if (status === null) return null;
  // A pipe would be waited for.
  if (!status.isFile()) throw noProfile(path, kindOf(status));
  if (isOpenToOthers(status.mode)) {
    throw new Failure('configuration', `Others than its owner may read ${path}, which holds a key.`, {
      advice: [`Close it with: chmod 600 '${path}'`, 'If they may have read it, rotate the key.'],
    });
  }
  const parsed = profileSchema.safeParse(parseJson(await unlessMissing(readFile(path, 'utf8'))));
  if (parsed.success) return parsed.data;
  throw new Failure('configuration', `${path} is no profile that can be read.`, {
    advice: ['Write it anew with: hokusai auth login', 'Or remove it with: hokusai auth logout'],
  });
}

async function prepareProfile(path: string): Promise<PendingProfile> {
  try {
    const file = await preparePrivateFolderAndFile(path);
    return {
      commit: (profile) =>
        file.commit(`${JSON.stringify(profile, undefined, 2)}\n`).catch((cause: unknown) => {
          throw unwritable(path, cause);
        }),
      discard: file.discard,
    };
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): Failure {
  if (cause instanceof NotAFile) return noProfile(path, cause.what);
  return new Failure('configuration', `The profile ${path} can't be written (${systemCode(cause)}).`, {
    advice: ['XDG_CONFIG_HOME names another folder for it; HOKUSAI_API_KEY does without one.'],
    cause,
  });
}

/** A link goes, and what it leads to stays. */
async function removeProfile(path: string): Promise<boolean> {
  const status = await unlessMissing(lstat(path));
  if (status === null) return false;
  if (!status.isFile() && !status.isSymbolicLink()) throw noProfile(path, kindOf(status));
  await rm(path, { force: true });
  return true;
}

function noProfile(path: string, what: string): Failure {
  return new Failure('configuration', `${path} is ${what}, where the file of a profile should be.`, {
    advice: ['It is left as it is: see what put it there, or name another profile with --profile.'],
  });
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

async function unlessMissing<Value>(promise: Promise<Value>): Promise<Value | null> {
  try {
    return await promise;
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') return null;
    throw new Failure('configuration', `The folder of profiles can't be read (${code}).`, {
      advice: ['HOKUSAI_API_KEY and HOKUSAI_API_URL do without it.'],
      cause,
    });
  }
}
