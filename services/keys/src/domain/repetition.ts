/**
 * Repeated requests: the same Idempotency-Key and body get the first answer again for ten minutes. Since
 * that answer holds a new key, it is kept sealed under a key that only the repeater can name.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, type KeyObject } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts/errors';
import type { PepperRing } from './digest.ts';

/** What marks a request as possibly repeated. */
export interface Repetition {
  /** The Idempotency-Key header. */
  key: string;
  /** SHA-256 of route and body. */
  fingerprint: Buffer;
}

export const REPLAY_TTL_MS = 10 * 60 * 1000;

const KEY_LIMIT = 255;
const FINGERPRINT_BYTES = 32;

/** Throws `invalid_request` for what no gateway sends. */
export function checkRepetition({ key, fingerprint }: Repetition): void {
  if (key !== '' && key.length <= KEY_LIMIT && fingerprint.length === FINGERPRINT_BYTES) return;
  throw new HokusaiError(
    'invalid_request',
    `An Idempotency-Key has 1 to ${KEY_LIMIT} characters and comes with the SHA-256 of its request.`,
    { reason: 'invalid_idempotency_key' },
  );
}

/** A repetition of one kind of request: each has Idempotency-Keys of its own. */
export interface RoutedRepetition extends Repetition {
  /** `CreateKey`, `RotateKey <key id>` and the like. */
  route: string;
}

export function onRoute(repetition: Repetition | null, route: string): RoutedRepetition | null {
  return repetition && { ...repetition, route };
}

/** What is stored of the key: each caller and route has keys of its own. */
export function repetitionHash({ route, key }: RoutedRepetition): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([route, key]))
    .digest();
}

export interface Sealer {
  seal(callerKeyId: string, repetition: Repetition, text: string): Buffer;
  /** undefined if it was sealed for another repetition, or under a pepper that is gone. */
  open(callerKeyId: string, repetition: Repetition, sealed: Buffer): string | undefined;
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @param random as `randomBytes` of node:crypto */
export function createSealer(peppers: PepperRing, random: (size: number) => Buffer): Sealer {
  return {
    seal: (callerKeyId, repetition, text) => {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(peppers[0].secret, callerKeyId, repetition), iv);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open: (callerKeyId, repetition, sealed) =>
      peppers
        .map(({ secret }) => tryOpen(keyOf(secret, callerKeyId, repetition), sealed))
        .find((text) => text !== undefined),
  };
}

/** HMAC as a key derivation; no API key begins like this, so it can't be a digest of one. */
function keyOf(pepper: KeyObject, callerKeyId: string, { key, fingerprint }: Repetition): Buffer {
  const context = JSON.stringify(['hokusai replay', callerKeyId, key, fingerprint.toString('hex')]);
  return createHmac('sha256', pepper).update(context).digest();
}

function tryOpen(key: Buffer, sealed: Buffer): string | undefined {
  try {
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), options);
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = [decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  } catch {
    return undefined;
  }
}
