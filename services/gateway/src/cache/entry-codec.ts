/** Entries of the shared cache as text, checked when read: another version of this software may have written them. */
import { SCOPES } from '@hokusai/contracts';
import { z } from 'zod';
import type { KeyState, Proof } from '../domain/key-state.ts';

const ms = z.number();
const unsigned = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);

const proofSchema = z.object({ keyId: z.string(), keyPrefix: z.string(), retiredAtMs: ms.exactOptional() });

const stateSchema = z.object({
  keyId: z.string(),
  version: unsigned,
  name: z.string(),
  environment: z.enum(['live', 'test']),
  acceptedSecrets: z.array(z.object({ keyPrefix: z.string(), validUntilMs: ms.nullable() })),
  isActive: z.boolean(),
  revokedAtMs: ms.nullable(),
  revokedReason: z.string().nullable(),
  expiresAtMs: ms.nullable(),
  scopes: z.array(z.enum(SCOPES)),
  limits: z.object({ ratePerHour: z.number(), burst: z.number(), burstWindowSeconds: z.number() }),
  allowedIps: z.array(z.string()),
  owner: z.object({
    userId: z.string(),
    displayName: z.string(),
    role: z.enum(['member', 'admin']),
    disabledAtMs: ms.nullable(),
    rateLimitPerHour: z.number().nullable(),
  }),
  read: z.object({ epoch: z.string(), cut: unsigned, readAtMs: ms }),
});

const entrySchema = z
  .object({ proof: proofSchema, state: stateSchema })
  .refine(({ proof, state }) => proof.keyId === state.keyId);

export function encodeEntry(entry: { proof: Proof; state: KeyState }): string {
  return JSON.stringify(entry, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** undefined for anything else than an entry. */
export function decodeEntry(text: string): { proof: Proof; state: KeyState } | undefined {
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
