/** TCP ports of this machine: a free one, whether one is taken, and by whom. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** Who got one of them may not have listened yet. */
const handedOut = new Set<number>();

/**
 * Below those that Linux and macOS give to outgoing connections: such a one may be taken, by any connection of this
 * machine, before whoever got it listens there.
 */
const PORTS = { first: 10_000, count: 22_000 } as const;

/** A port that nothing listens on at the moment, drawn at random; another one each time. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (handedOut.has(port) || !(await isFree(port, host))) continue;
    handedOut.add(port);
    return port;
  }
}

/** Throws if no port of that host can be listened on. */
async function isFree(port: number, host: string): Promise<boolean> {
  const problem = await portProblem(port, host);
  if (problem !== undefined && problem !== 'EADDRINUSE' && problem !== 'EACCES')
    throw new Error(`No port of ${host} can be listened on: ${problem}`);
  return problem === undefined;
}

/** `undefined` if the port can be listened on, else the error code, such as `EADDRINUSE` or `EACCES`. */
export async function portProblem(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    await listen(server, port, host);
    await new Promise((resolve) => server.close(resolve));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: else a worker of a cluster would share its parent's port and find it free.
    server.listen({ port, host, exclusive: true }, resolve);
  });
}

export interface PortHolder {
  pid: number;
  /** Its command line. */
  command: string;
}

/**
 * The process that listens on a TCP port, where it can be known: on Linux, and for another user's process
 * only by root.
 */
export function portHolder(port: number): PortHolder | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  const pid = processIds().find((candidate) => socketInodes(candidate).some((inode) => inodes.has(inode)));
  return pid === undefined ? undefined : { pid, command: commandOf(pid) };
}

/** Column `st` of /proc/net/tcp for a listening socket (proc(5), tcp_states.h). */
const LISTEN_STATE = '0A';

function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readOrEmpty(table).split('\n').slice(1),
  );
  const columns = rows.map((row) => row.trim().split(/\s+/));
  return new Set(
    columns
      .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN_STATE)
      .flatMap((row) => row[9] ?? []),
  );
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketInode(`/proc/${pid}/fd/${fd}`) ?? []);
  } catch {
    return [];
  }
}

function socketInode(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
