/** Reads the query of a request: every parameter once, decoded as UTF-8. */
import { HokusaiError } from '@hokusai/contracts';
import { invalidValues } from './request.ts';

/**
 * The parameters by name. Throws `invalid_request` for what is no query, and `unprocessable` for parameters
 * that stand more than once: which of them is meant could only be guessed.
 *
 * @param rawQuery without the `?`
 */
export function readQuery(rawQuery: string): Record<string, string> {
  const pairs = rawQuery.split('&').filter((pair) => pair !== '');
  const parameters = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [decoded(name), decoded(value.join('='))] as const;
  });
  const [seen, repeated] = [new Set<string>(), new Set<string>()];
  for (const [name] of parameters) (seen.has(name) ? repeated : seen).add(name);
  if (repeated.size > 0)
    throw invalidValues([...repeated].map((path) => ({ path, message: 'stands more than once' })));
  return Object.fromEntries(parameters);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new HokusaiError(
      'invalid_request',
      "The request's query can't be read: it is not percent-encoded UTF-8.",
      {
        reason: 'malformed_query',
      },
    );
  }
}
