/** Variables that are set, are read by nobody, and look like one that is: typing errors, which else nobody would notice. */
import { distance } from 'fastest-levenshtein';

export interface DoubtfulVariable {
  name: string;
  /** What may have been meant. */
  nearest: string;
}

/** One letter too many or too few, or one for another, for each so many letters; two of them at most. */
const LETTERS_PER_ERROR = 4;
const MAX_DISTANCE = 2;

/**
 * @param names what the program reads; each may also name a file, as `NAME_FILE`
 * @param env a name that is set rightly as well is not what a similar one was meant for
 */
export function doubtfulVariables(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): DoubtfulVariable[] {
  const known = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  const unset = [...known].filter((name) => !env[name]);
  const nearestTo = (name: string) => {
    const limit = Math.min(MAX_DISTANCE, Math.floor(name.length / LETTERS_PER_ERROR));
    const candidates = unset.map((known) => ({ known, distance: distance(name.toUpperCase(), known) }));
    return candidates
      .filter((candidate) => candidate.distance <= limit)
      .toSorted((a, b) => a.distance - b.distance)[0]?.known;
  };
  return Object.keys(env)
    .filter((name) => env[name] && !known.has(name))
    .flatMap((name) => {
      const nearest = nearestTo(name);
      return nearest === undefined ? [] : [{ name, nearest }];
    });
}
