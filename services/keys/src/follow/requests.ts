/** What followers send, checked: one statement records them all, and must not fail for what one of them says. */
import { HokusaiError } from '@hokusai/contracts';
import { isStorable } from '@hokusai/contracts/fields';
import type { FollowOpen__Output } from '@hokusai/contracts/gen/keys/v1/FollowOpen';
import type { FollowPing__Output } from '@hokusai/contracts/gen/keys/v1/FollowPing';
import { z } from 'zod';
import type { FollowerOptions, Ping } from './follower.ts';

/** Of Postgres' bigint. The protocol's numbers are unsigned. */
const BIGINT_MAX = 2n ** 63n - 1n;
const TEXT_LIMIT = 256;

const storable = z
  .string()
  .max(TEXT_LIMIT, `must have at most ${TEXT_LIMIT} characters`)
  .refine(isStorable, 'must be well-formed Unicode without NUL');
const count = z.string().transform(BigInt).pipe(z.bigint().max(BIGINT_MAX, 'must be at most 2^63 - 1'));

const openSchema = z.object({
  // The database takes both spellings of a uuid for the same gateway.
  incarnation: z.uuid('must be a uuid').toLowerCase(),
  gateway: storable.min(1, 'must not be empty'),
  lastEpoch: storable,
  lastCut: count,
  trustMs: z.number().int().max(2_147_483_647, 'must be at most 2,147,483,647'),
});

const pingSchema = z.object({ number: count, applied: count, appliedCut: count });

/** Throws `invalid_request` that names all that is wrong. */
export function toFollowerOptions(open: FollowOpen__Output): FollowerOptions {
  const { lastEpoch: epoch, lastCut: cut, ...rest } = parse(openSchema, open, "The stream can't be opened");
  return { ...rest, resumeAfter: epoch === '' ? undefined : { epoch, cut } };
}

/** Throws `invalid_request` that names all that is wrong. */
export function toPing(ping: FollowPing__Output): Ping {
  return parse(pingSchema, ping, "The ping can't be used");
}

function parse<Value>(schema: z.ZodType<Value>, message: unknown, failure: string): Value {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const violations = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const all = violations.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new HokusaiError('invalid_request', `${failure}: ${all}.`, { violations });
}
