/** Which proxy the environment names for a host, as Python's `requests` finds it. The SDK itself uses none. */
import type { Environment } from '../config/config.ts';

export interface NamedProxy {
  variable: string;
  /** Without user and password. */
  host: string;
}

/** undefined: the host is reached directly. */
export function proxyFor(url: URL, env: Environment): NamedProxy | undefined {
  const scheme = url.protocol.slice(0, -1);
  const named = firstSet(env, [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`, 'all_proxy', 'ALL_PROXY']);
  if (named === undefined) return undefined;
  const exceptions = firstSet(env, ['no_proxy', 'NO_PROXY'])?.value ?? '';
  if (exceptions.split(',').some((entry) => covers(entry.trim().toLowerCase(), url))) return undefined;
  return { variable: named.variable, host: hostOf(named.value) };
}

function covers(entry: string, { hostname, host }: URL): boolean {
  if (entry === '') return false;
  if (entry === '*' || entry === hostname || entry === host) return true;
  if (isIpv4(hostname)) return inBlock(hostname, entry);
  return hostname.endsWith(`.${entry.replace(/^\.+/, '')}`);
}

const isIpv4 = (text: string) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);

/** Whether an address lies in a block such as `10.0.0.0/8`. */
function inBlock(address: string, block: string): boolean {
  const [network = '', bits = ''] = block.split('/');
  const length = Number(bits);
  if (!isIpv4(network) || !/^\d+$/.test(bits) || length < 1 || length > 32) return false;
  const shift = 32 - length;
  return numberOf(address) >>> shift === numberOf(network) >>> shift;
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function firstSet(env: Environment, names: readonly string[]) {
  for (const variable of names) {
    const value = env[variable];
    if (value) return { variable, value };
  }
  return undefined;
}

function hostOf(proxy: string): string {
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  return URL.canParse(url) ? new URL(url).host : 'an address that can not be read';
}
