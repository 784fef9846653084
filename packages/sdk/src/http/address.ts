import type { Query } from './types.ts';

/** Path and query of a request, below the tracking URI's own path. */
export function requestPath(trackingUri: URL, path: string, query: Query = {}): string {
  const prefix = trackingUri.pathname.replace(/\/+$/, '');
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) search.append(name, String(one));
  return `${prefix}${path}${search.size === 0 ? '' : `?${search}`}`;
}
