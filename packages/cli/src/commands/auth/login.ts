import type { Command } from 'commander';
import { type Whoami, whoamiSchema } from '../../api/schemas.ts';
import { checkKey, type Sourced } from '../../config/access.ts';
import { DEFAULT_PROFILE } from '../../config/profiles.ts';
import { type Context, globalOptions } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { leaf } from '../command.ts';
import { SIGN_IN } from './addresses.ts';

export function login(context: Context): Command {
  const command = leaf('login', 'Keep a key in a profile, after trying it', [
    'hokusai auth login',
    'hokusai auth login < .hokusai/admin.key',
    'hokusai auth login --profile production --url https://gateway.example',
  ]);
  return command.action(async () => {
    const { terminal, profiles, env } = context;
    const name = globalOptions(command).profile ?? DEFAULT_PROFILE;
    const path = profiles.path(name);
    const url = await context.urlFor(command);
    const { user, key_prefix, secret_valid_until: graceEnd } = await keepKey(context, name, url);
    terminal.note(
      `Logged in at ${url.value} as ${user.display_name} (${user.role}) with the key ${key_prefix}.`,
    );
    terminal.note(`Kept in ${path}, which only you may read.`);
    if (graceEnd != null) terminal.warn('This secret was retired by a rotation: take the new one.');
    const before = ['HOKUSAI_API_KEY', 'HOKUSAI_API_URL'].filter((variable) => env[variable]);
    if (before.length > 0) terminal.warn(`${before.join(' and ')} is set, and goes before the profile.`);
  });
}

/** Asks for a key, tries it and writes the profile: which is found to be possible before anything else. */
async function keepKey(context: Context, name: string, url: Sourced): Promise<Whoami> {
  const profile = await context.profiles.prepare(name);
  try {
    const key = await askForKey(context, url);
    const client = context.clientFor({ url, key });
    const { value } = await client.send(whoamiSchema, { method: 'POST', path: SIGN_IN });
    await profile.commit({ url: url.value, key: key.value });
    return value;
  } finally {
    await profile.discard();
  }
}

/** Asked for where there is a terminal, else read from stdin. */
async function askForKey({ terminal }: Context, url: Sourced): Promise<Sourced> {
  const key = terminal.isInteractive
    ? {
        value: await terminal.ask(`API key for ${url.value} (not shown): `, { isHidden: true }),
        source: 'your answer',
      }
    : { value: await terminal.readInput(), source: 'the standard input' };
  const trimmed = { ...key, value: key.value.trim() };
  if (trimmed.value === '') {
    throw new Failure('configuration', `There is no key in ${key.source}.`, {
      advice: ['Type or paste it on a terminal, or redirect a file: hokusai auth login < FILE'],
    });
  }
  checkKey(trimmed);
  return trimmed;
}
