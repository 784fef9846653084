/** The tables of rollups: what each of them tells apart. */
import type { Grain } from '../domain/cover.ts';

export const FAMILIES = {
  key: ['api_key_id', 'user_id', 'upstream', 'method', 'endpoint'],
  endpoint: ['upstream', 'method', 'endpoint'],
  client: ['api_key_id', 'user_id', 'client_ip'],
  incarnation: ['incarnation'],
  key_total: ['api_key_id', 'user_id'],
  total: [],
} as const satisfies Record<string, readonly string[]>;
export type Family = keyof typeof FAMILIES;

/** Within a minute a key calls few endpoints: its totals would be nearly as many rows as those are. */
export function isKept(family: Family, grain: Grain): boolean {
  return family !== 'key_total' || grain !== 'minute';
}

/** Where a family's sums of a grain are: their own table, or one that tells apart more. */
export function rollupTable(family: Family, grain: Grain): string {
  return `${isKept(family, grain) ? family : 'key'}_usage_${grain}s`;
}

/** Refusals of requests without a known key are counted by endpoint, under this one: they name no other. */
export const NO_ENDPOINT = ["'' as upstream", "'' as method", "'' as endpoint"] as const;
