/** Which gateway to talk to, and with which key: options, then variables, then the profile. */
import { Failure } from '../failure.ts';
import { DEFAULT_PROFILE, type Profile, type ProfileStore } from './profiles.ts';
import type { VariableName } from './variables.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface GlobalOptions {
  profile?: string;
  url?: string;
}

/** A setting, and where it comes from, e.g. `HOKUSAI_API_KEY` or `profile "default"`. */
export interface Sourced {
  value: string;
  source: string;
}

export interface Access {
  url: Sourced;
  key: Sourced;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Throws `configuration` if there is no key, or one that belongs to another address: a profile's key is sent
 * nowhere but to the profile's address.
 */
export async function resolveAccess(
  options: GlobalOptions,
  env: Environment,
  profiles: ProfileStore,
): Promise<Access> {
  const given = { url: givenUrl(options, env), key: variable(env, 'HOKUSAI_API_KEY') };
  if (given.key) checkKey(given.key);
  if (given.url && given.key && options.profile === undefined) return { url: given.url, key: given.key };
  const name = options.profile ?? DEFAULT_PROFILE;
  const profile = await profiles.read(name);
  if (profile === null && options.profile !== undefined) throw await noSuchProfile(name, profiles);
  const url = given.url ?? urlOf(profile, name);
  return { url, key: given.key ?? keyOf(profile, name, url, options) };
}

/** The address alone, for who has no key yet. */
export async function resolveUrl(
  options: GlobalOptions,
  env: Environment,
  profiles: ProfileStore,
): Promise<Sourced> {
  const given = givenUrl(options, env);
  if (given) return given;
  const name = options.profile ?? DEFAULT_PROFILE;
  return urlOf(await profiles.read(name), name);
}

/** Throws `configuration` for what no header could carry. Doesn't repeat it: it may be a key all the same. */
export function checkKey({ value, source }: Sourced): void {
  if (/^[\x21-\x7e]{1,512}$/.test(value)) return;
  throw new Failure('configuration', `What stands in ${source} is not an API key.`, {
    advice: ['A key looks like hk_live_… and has no blanks or line breaks.'],
  });
}

function givenUrl({ url }: GlobalOptions, env: Environment): Sourced | undefined {
  const given = url === undefined ? variable(env, 'HOKUSAI_API_URL') : { value: url, source: '--url' };
  return given && { ...given, value: normalisedUrl(given) };
}

function urlOf(profile: Profile | null, name: string): Sourced {
  if (profile === null) return { value: DEFAULT_URL, source: 'the default' };
  const source = `profile "${name}"`;
  return { value: normalisedUrl({ value: profile.url, source }), source };
}

function keyOf(profile: Profile | null, name: string, url: Sourced, { url: option }: GlobalOptions): Sourced {
  const login = ['hokusai auth login', ...(option === undefined ? [] : ['--url', url.value])].join(' ');
  if (profile === null) {
    throw new Failure('configuration', `There is no API key for ${url.value}.`, {
      advice: ['Set HOKUSAI_API_KEY, or keep a key in a profile with:', `  ${login}`],
    });
  }
  const source = `profile "${name}"`;
  const own = normalisedUrl({ value: profile.url, source });
  if (own !== url.value) {
    throw new Failure(
      'configuration',
      `The key of ${source} belongs to ${own}, and is not sent to ${url.value} (from ${url.source}).`,
      {
        advice: [
          'Set HOKUSAI_API_KEY, or keep a key for that address in a profile of its own with:',
          `  ${login} --profile NAME`,
        ],
      },
    );
  }
  const key = { value: profile.key, source };
  checkKey(key);
  return key;
}

/** Without a slash at its end. Throws `configuration` for what is no address of a gateway. */
function normalisedUrl({ value, source }: Sourced): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new Failure('configuration', `The gateway's address in ${source} can't be used.`, {
    advice: [`Give it like ${DEFAULT_URL} or https://gateway.example: no query, no user, no password.`],
  });
}

/** An empty variable counts as none. */
function variable(env: Environment, name: VariableName): Sourced | undefined {
  const value = (env[name] ?? '').trim();
  return value === '' ? undefined : { value, source: name };
}

async function noSuchProfile(name: string, profiles: ProfileStore): Promise<Failure> {
  const names = await profiles.names();
  const have = names.length === 0 ? 'There are none yet.' : `There are: ${names.join(', ')}.`;
  return new Failure('configuration', `There is no profile "${name}".`, {
    advice: [have, `Make it with: hokusai auth login --profile ${name}`],
  });
}
