import { inspect } from 'node:util';
import { redact, withoutSecret } from './redact.ts';

export type RevealedCredentials =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | { kind: 'none' };

/** What a request proves itself with. Neither `util.inspect` nor JSON shows it: only `reveal` and `authorization` do. */
export class Credentials {
  readonly kind: RevealedCredentials['kind'];
  readonly #secret: RevealedCredentials;

  constructor(secret: RevealedCredentials) {
    this.kind = secret.kind;
    this.#secret = secret;
  }

  reveal(): RevealedCredentials {
    return this.#secret;
  }

  /** The value of the Authorization header; undefined if there is nothing to send. */
  authorization(): string | undefined {
    const secret = this.#secret;
    if (secret.kind === 'none') return undefined;
    if (secret.kind === 'bearer') return `Bearer ${secret.token}`;
    return `Basic ${Buffer.from(`${secret.username}:${secret.password}`, 'utf8').toString('base64')}`;
  }

  /** Text of others, without these credentials and without any other API key in it. */
  redact(text: string): string {
    const secret = this.#secret;
    if (secret.kind === 'none') return redact(text);
    const hidden = secret.kind === 'basic' ? secret.password : secret.token;
    const encoded = this.authorization()?.split(' ')[1] ?? hidden;
    // Keys first: a password of few letters would part them, and hide them from who looks for keys.
    const withoutKeys = redact(text);
    const withoutPair =
      secret.kind === 'basic'
        ? withoutKeys.replaceAll(`${secret.username}:${hidden}`, `${secret.username}:…`)
        : withoutKeys;
    return withoutSecret(withoutSecret(withoutPair, encoded), hidden);
  }

  toString(): string {
    return this.kind === 'none' ? 'none' : `${this.kind} (not shown)`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return `Credentials ${this.toString()}`;
  }
}
