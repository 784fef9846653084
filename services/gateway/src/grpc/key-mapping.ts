/**
 * Messages of the keys service to what the gateway knows of keys. Everything is checked here: a message
 * that makes no sense is an `internal` error, and nothing of it gets further.
 */
import { fromTimestamp, HokusaiError, isScope, type Scope } from '@hokusai/contracts';
import type { FollowTick__Output } from '@hokusai/contracts/gen/keys/v1/FollowTick';
import type { GetKeyStateResponse__Output } from '@hokusai/contracts/gen/keys/v1/GetKeyStateResponse';
import type { ValidateKeyResponse__Output } from '@hokusai/contracts/gen/keys/v1/ValidateKeyResponse';
import { z } from 'zod';
import type { KeyState, Proof } from '../domain/key-state.ts';
import type { Tick } from '../domain/trust.ts';

const text = z.string().min(1);
/** Longs come as decimal strings. */
const unsigned = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
/** ms since the epoch, within what a Date can show. */
const time = z
  .object({ seconds: z.string().regex(/^-?\d+$/), nanos: z.number().int() })
  .transform((timestamp) => fromTimestamp(timestamp)?.getTime() ?? Number.NaN)
  .pipe(z.number());
const optionalTime = time.nullable();
const positive = z.number().int().min(1);

const readSchema = z
  .object({ epoch: text, cut: unsigned, readAt: time })
  .transform(({ epoch, cut, readAt }) => ({ epoch, cut, readAtMs: readAt }));

const secretSchema = z
  .object({ keyPrefix: text, validUntil: optionalTime })
  .transform(({ keyPrefix, validUntil }) => ({ keyPrefix, validUntilMs: validUntil }));

const limitsSchema = z
  .object({ rateLimitPerHour: positive, burstLimit: positive, burstWindowSeconds: positive })
  .transform(({ rateLimitPerHour, burstLimit, burstWindowSeconds }) => ({
    ratePerHour: rateLimitPerHour,
    burst: burstLimit,
    burstWindowSeconds,
  }));

const ROLES = { ROLE_MEMBER: 'member', ROLE_ADMIN: 'admin' } as const;
const ENVIRONMENTS = { ENVIRONMENT_LIVE: 'live', ENVIRONMENT_TEST: 'test' } as const;

const ownerSchema = z
  .object({
    userId: text,
    displayName: z.string(),
    role: z.enum(['ROLE_MEMBER', 'ROLE_ADMIN']).transform((role) => ROLES[role]),
    disabledAt: optionalTime,
    rateLimitPerHour: positive.nullish(),
  })
  .transform(({ disabledAt, rateLimitPerHour, ...owner }) => ({
    ...owner,
    disabledAtMs: disabledAt,
    rateLimitPerHour: rateLimitPerHour ?? null,
  }));

const stateSchema = z
  .object({
    keyId: text,
    version: unsigned,
    name: z.string(),
    environment: z.enum(['ENVIRONMENT_LIVE', 'ENVIRONMENT_TEST']).transform((name) => ENVIRONMENTS[name]),
    acceptedSecrets: z.array(secretSchema),
    isActive: z.boolean(),
    revokedAt: optionalTime,
    revokedReason: z.string().nullish(),
    expiresAt: optionalTime,
    // A newer keys service may know scopes that this gateway doesn't: nothing here can need them.
    scopes: z.array(z.string()).transform((names): Scope[] => names.filter(isScope)),
    limits: limitsSchema,
    allowedIps: z.array(text),
    owner: ownerSchema,
    read: readSchema,
  })
  .transform(
    ({ revokedAt, revokedReason, expiresAt, ...state }): KeyState => ({
      ...state,
      revokedAtMs: revokedAt,
      revokedReason: revokedReason ?? null,
      expiresAtMs: expiresAt,
    }),
  );

const proofSchema = z
  .object({ keyId: text, keyPrefix: text, retiredAt: optionalTime })
  .transform(
    ({ retiredAt, ...proof }): Proof => ({ ...proof, ...(retiredAt !== null && { retiredAtMs: retiredAt }) }),
  );

const provedSchema = z
  .object({ proof: proofSchema, state: stateSchema })
  .refine(({ proof, state }) => proof.keyId === state.keyId, 'the proof is of another key than the state');

const tickSchema = z.object({
  number: unsigned,
  echo: unsigned,
  read: readSchema,
  changes: z.array(z.object({ keyId: text, version: unsigned })),
});

/** undefined if no key has the secret. */
export function toProved(
  response: ValidateKeyResponse__Output,
): { proof: Proof; state: KeyState } | undefined {
  return response.proof ? parse(provedSchema, response, 'ValidateKey') : undefined;
}

/** undefined if there is no such key. */
export function toKeyState(response: GetKeyStateResponse__Output, keyId: string): KeyState | undefined {
  if (!response.state) return undefined;
  const state = parse(stateSchema, response.state, 'GetKeyState');
  if (state.keyId !== keyId) throw malformed('GetKeyState', 'the state is of another key');
  return state;
}

export function toTick(tick: FollowTick__Output): Tick {
  return parse(tickSchema, tick, 'Follow');
}

function parse<Output>(schema: z.ZodType<Output>, message: unknown, method: string): Output {
  const result = schema.safeParse(message);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw malformed(method, problems.join('; '));
}

/** The details are for the log only: they never reach a client. */
function malformed(method: string, details: string): HokusaiError {
  return new HokusaiError('internal', 'The keys service gave an answer that makes no sense.', {
    reason: 'malformed_answer',
    cause: new Error(`${method}: ${details}`),
  });
}
