/** The tables of rollups: what each of them tells apart. */
import type { Grain } from '../domain/cover.ts';

export const FAMILIES = {
  key: ['api_key_id', 'user_id', 'upstream', 'method', 'endpoint'],
  endpoint: ['upstream', 'method', 'endpoint'],
  client: ['api_key_id', 'user_id', 'client_ip'],
  incarnation: ['incarnation'],
  total: [],
} as const satisfies Record<string, readonly string[]>;
export type Family = keyof typeof FAMILIES;

export function rollupTable(family: Family, grain: Grain): string {
  return `${family}_usage_${grain}s`;
}

/** Refusals of requests without a known key are counted by endpoint, under this one: they name no other. */
export const NO_ENDPOINT = ["'' as upstream", "'' as method", "'' as endpoint"] as const;
