/** Ports of a start: those asked for, else those of the last start, else free ones. */
import { PORT_VARIABLES, type PortVariable } from '../config.ts';
import { freePort, portHolder, portProblem } from '../os/ports.ts';

export interface PortOptions {
  asked: Partial<Record<PortVariable, number>>;
  saved: Readonly<Record<string, string>>;
  gatewayHost: string;
}

/** Ports that were asked for and can't be had: one line for each, with what to do. */
class PortError extends Error {
  override readonly name = 'PortError';
}

/** Throws PortError. */
export async function choosePorts(options: PortOptions): Promise<Record<PortVariable, number>> {
  const problems = await Promise.all(PORT_VARIABLES.map((name) => problemOf(name, options)));
  const lines = problems.filter((problem) => problem !== undefined);
  if (lines.length > 0) throw new PortError(lines.join('\n'));
  const chosen = new Map<PortVariable, number>();
  for (const name of PORT_VARIABLES) chosen.set(name, await choose(name, options, new Set(chosen.values())));
  return Object.fromEntries(chosen) as Record<PortVariable, number>;
}

async function choose(name: PortVariable, options: PortOptions, taken: Set<number>): Promise<number> {
  const { asked, saved } = options;
  if (asked[name]) return asked[name];
  const last = Number(saved[name]);
  const host = hostOf(name, options);
  if (asked[name] === undefined && last > 0 && !taken.has(last) && !(await portProblem(last, host)))
    return last;
  for (;;) {
    const port = await freePort(host);
    if (!taken.has(port)) return port;
  }
}

function hostOf(name: PortVariable, { gatewayHost }: PortOptions): string {
  return name === 'GATEWAY_PORT' ? gatewayHost : '127.0.0.1';
}

async function problemOf(name: PortVariable, options: PortOptions): Promise<string | undefined> {
  const port = options.asked[name];
  if (!port) return undefined;
  const host = hostOf(name, options);
  const code = await portProblem(port, host);
  if (code === undefined) return undefined;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `${host} is not an address of this machine; set GATEWAY_HOST to one that is`;
  }
  if (code === 'EACCES') return `port ${port} is not yours to use; set ${name} to another one, from 1024 on`;
  const holder = portHolder(port);
  const by = holder ? ` by process ${holder.pid} (${holder.command.slice(0, 120)})` : ' by another process';
  return `port ${port} is in use${by}; end it, or set ${name} to another port`;
}
