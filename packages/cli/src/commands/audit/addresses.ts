/** Where the API has the audit log. */
const AUDIT = '/api/v1/audit';
export const EVENTS = `${AUDIT}/events`;
export const EXPORT = `${AUDIT}/export`;
export const WITNESSES = `${AUDIT}/witnesses`;
export const VERIFY = `${AUDIT}/verify`;

export function eventPath(id: string): string {
  return `${EVENTS}/${encodeURIComponent(id)}`;
}

/** Media type of an export. */
export const JSON_LINES = 'application/jsonl';
