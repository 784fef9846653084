/** Certificates and private keys in variables, and that they belong together. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { ofKind, secret } from '../config-description.ts';

export function certificates() {
  return ofKind('certificates in PEM', pem('a certificate', readCertificates));
}

export function privateKey() {
  return ofKind('an unencrypted key in PEM', secret(pem('an unencrypted private key', createPrivateKey)));
}

/** All of them: Node looks at the first alone, and at the others when a connection is made. */
function readCertificates(text: string): void {
  const parts = text.split(/(?=-----BEGIN )/).filter((part) => part.startsWith('-----BEGIN '));
  for (const part of parts) {
    if (!/^-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[\s\S]*-----END [A-Z0-9 ]*CERTIFICATE-----/.test(part))
      throw new Error('a certificate that does not end');
    void new X509Certificate(part);
  }
}

/** The errors of what reads it are not passed on: they might quote it. */
function pem(kind: string, read: (text: string) => unknown) {
  return z.string().refine(
    (text) => {
      try {
        read(text);
        return text.includes('-----BEGIN ');
      } catch {
        return false;
      }
    },
    { message: `expected ${kind} in PEM` },
  );
}

/** A certificate and its key, as `<PREFIX>_CERT` and `<PREFIX>_KEY` give them: both of one pair, or neither. */
export function pairProblems(prefix: string, certificate: unknown, key: unknown): string[] {
  const [certificateName, keyName] = [`${prefix}_CERT`, `${prefix}_KEY`];
  if (!certificate && !key) return [];
  if (!key) return [`${keyName}: is required with ${certificateName}`];
  if (!certificate) return [`${certificateName}: is required with ${keyName}`];
  const isPair = new X509Certificate(String(certificate)).checkPrivateKey(createPrivateKey(String(key)));
  return isPair ? [] : [`${keyName}: is not the key of ${certificateName}`];
}
