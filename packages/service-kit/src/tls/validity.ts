/** From when until when the certificates of a configuration hold. Pure. */
import { X509Certificate } from 'node:crypto';

export interface Validity {
  variable: string;
  /** Milliseconds since the epoch, both. */
  fromMs: number;
  untilMs: number;
}

const IS_CERTIFICATE = /_TLS_(?:CERT|CA|CLIENT_CA)$/;
const IS_AUTHORITY = /CA$/;
const ONE_CERTIFICATE = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[\s\S]*?-----END [A-Z0-9 ]*CERTIFICATE-----/g;

/**
 * Of each variable that holds certificates. A chain holds as long as all of it does. Of several authorities any one may
 * be the needed one, and former ones are left there on purpose while one replaces another: the last to end counts.
 */
export function validitiesOf(config: Readonly<Record<string, unknown>>): Validity[] {
  return Object.entries(config)
    .filter(([variable, pem]) => IS_CERTIFICATE.test(variable) && typeof pem === 'string')
    .map(([variable, pem]) => {
      const all = certificatesIn(pem as string);
      const last = all.toSorted((a, b) => b.untilMs - a.untilMs)[0] as Omit<Validity, 'variable'>;
      if (IS_AUTHORITY.test(variable)) return { variable, ...last };
      return {
        variable,
        fromMs: Math.max(...all.map(({ fromMs }) => fromMs)),
        untilMs: Math.min(...all.map(({ untilMs }) => untilMs)),
      };
    });
}

/** In a few words why it is of no use now; undefined: it is. */
export function problemOf({ fromMs, untilMs }: Validity, nowMs: number): string | undefined {
  if (nowMs >= untilMs) return 'is past its end';
  return nowMs < fromMs ? 'is not valid yet' : undefined;
}

/** The text has been read as a configuration: each of them can be. */
function certificatesIn(pem: string): Omit<Validity, 'variable'>[] {
  return (pem.match(ONE_CERTIFICATE) ?? []).map((one) => {
    const { validFrom, validTo } = new X509Certificate(one);
    return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
  });
}
