/** When and from where keys and secrets were used last, from the gateways' reports. Pure. */
import { isIP } from 'node:net';
import type { UsageRequest } from '@hokusai/contracts';

export interface LastUse {
  keyId: string;
  /** Of the secret that was used, which may be a retired one. */
  keyPrefix: string;
  at: Date;
  /** null if what was reported is no address. */
  ip: string | null;
}

type Report = Pick<UsageRequest, 'key_id' | 'secret_prefix' | 'timestamp' | 'client_ip'>;

/** The last use of each key, and of each secret. */
export function lastUses(reports: Iterable<Report>): { keys: LastUse[]; secrets: LastUse[] } {
  const keys = new Map<string, LastUse>();
  const secrets = new Map<string, LastUse>();
  for (const report of reports) {
    const use = {
      keyId: report.key_id,
      keyPrefix: report.secret_prefix,
      at: new Date(report.timestamp),
      ip: addressOf(report.client_ip),
    };
    keepLater(keys, use.keyId, use);
    keepLater(secrets, use.keyPrefix, use);
  }
  return { keys: [...keys.values()], secrets: [...secrets.values()] };
}

function keepLater(uses: Map<string, LastUse>, name: string, use: LastUse): void {
  const known = uses.get(name);
  if (!known || known.at < use.at) uses.set(name, use);
}

/** Without a zone (`fe80::1%eth0`), which means nothing on another machine. */
function addressOf(text: string): string | null {
  const address = text.split('%')[0] ?? '';
  return isIP(address) === 0 ? null : address;
}
