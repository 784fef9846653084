/** What only the body of an event tells. */
import { z } from 'zod';
import type { AuditEventJson } from './schemas.ts';

/** A row that somebody tampered with must not hide the others on its page: what can't be read is left out. */
const text = z.string().nullable().catch(null);
const fields = z.record(z.string(), z.unknown()).nullable().catch(null);

const NOBODY = { key_prefix: null, via: '', service: null, host: null };
const NO_OWNER = { owner_user_id: null };

const content = z.object({
  actor: z.object({ key_prefix: text, via: z.string().catch(''), service: text, host: text }).catch(NOBODY),
  target: z.object({ owner_user_id: text }).catch(NO_OWNER),
  before: fields,
  after: fields,
  reason: text,
  count: z.int().min(1).catch(1),
});

type Content = Pick<AuditEventJson, 'before' | 'after' | 'reason' | 'count'> & {
  actor: Pick<AuditEventJson['actor'], 'key_prefix' | 'via' | 'service' | 'host'>;
  target: { owner_user_id: string | null };
};

const UNREADABLE: Content = {
  ...{ actor: NOBODY, target: NO_OWNER },
  ...{ before: null, after: null, reason: null, count: 1 },
};

export function contentOf(body: string): Content {
  try {
    return content.catch(UNREADABLE).parse(JSON.parse(body));
  } catch {
    return UNREADABLE;
  }
}
