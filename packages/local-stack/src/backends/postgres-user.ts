/**
 * As whom Postgres runs. It refuses to run as root, so root starts it as another user; that user must reach
 * the server's programs and the data, also under a home directory that only root may enter.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { which } from '../os/which.ts';

export interface PostgresUser {
  /** Whom files must belong to; absent for the user who runs this. */
  owner: { uid: number; gid: number } | undefined;
  /** Turns a command into one that runs as that user. */
  wrap(command: string, args: readonly string[]): PostgresCommand;
}

export interface PostgresCommand {
  command: string;
  args: readonly string[];
  uid?: number;
  gid?: number;
}

export interface PostgresUserOptions {
  /** What the user must reach: the programs' folder and the folder that holds the data. */
  paths: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Effective uid of this process. */
  uid: number;
  /** Content of the user database, passwd(5). */
  passwd?: string;
}

/** Preferred names; the user must exist, since Postgres looks up its own name. */
const CANDIDATES = ['postgres', 'nobody'];

/** Throws an error that says what to do when root finds no way. */
export function postgresUser({ paths, env, uid, passwd }: PostgresUserOptions): PostgresUser {
  if (uid !== 0) return { owner: undefined, wrap: (command, args) => ({ command, args }) };
  const owner = findOwner(passwd ?? readFileSync('/etc/passwd', 'utf8'));
  if (owner === undefined)
    throw new Error(
      `Postgres refuses to run as root, and there is no user ${CANDIDATES.join(' or ')} to run it as`,
    );
  if (paths.every((path) => isReachable(path, owner))) {
    return { owner, wrap: (command, args) => ({ command, args, ...owner }) };
  }
  const setpriv = which('setpriv', env)[0];
  // A container may have been started without what that takes.
  if (setpriv === undefined || spawnSync(setpriv, [...passingThrough(owner), 'true']).status !== 0) {
    throw new Error(unreachable(paths, owner));
  }
  return {
    owner,
    wrap: (command, args) => ({ command: setpriv, args: [...passingThrough(owner), command, ...args] }),
  };
}

/**
 * As another user, but let through folders that only root may enter, such as /root (capabilities(7)). Less
 * apart from root than a plain user: it serves this machine's own stack, and a checkout elsewhere avoids it.
 */
function passingThrough({ uid, gid }: { uid: number; gid: number }): string[] {
  const capability = '+dac_override';
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
    // Or access(2), by which initdb looks for its programs, leaves the capability out of account.
    '--securebits=+no_setuid_fixup',
  ];
}

function findOwner(passwd: string): { uid: number; gid: number } | undefined {
  const users = passwd.split('\n').map((line) => line.split(':'));
  const found = CANDIDATES.map((name) => users.find((user) => user[0] === name)).find(Boolean);
  return found && { uid: Number(found[2]), gid: Number(found[3]) };
}

/** True if the modes of the folder and of all above it let that user in. */
function isReachable(path: string, owner: { uid: number; gid: number }): boolean {
  if (!mayEnter(lstatSync(path), owner)) return false;
  return dirname(path) === path || isReachable(dirname(path), owner);
}

/** The owner's bit decides for the owner, the group's for the group, the last for everyone else. */
function mayEnter(
  folder: { uid: number; gid: number; mode: number },
  { uid, gid }: { uid: number; gid: number },
) {
  if (folder.uid === uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

function unreachable(paths: readonly string[], { uid }: { uid: number }): string {
  return (
    `Postgres refuses to run as root, and the user ${uid}, whom it would run as, can't enter ${paths.join(' and ')}. ` +
    'Install `setpriv` (util-linux; it needs the capabilities setuid, setgid, setpcap and dac_override), or set HOKUSAI_HOME to a folder that every user can enter, or run this as an ordinary user'
  );
}
