/**
 * The one form of a path on which everything is decided and which is then forwarded, byte for byte.
 *
 * A gateway that reads a path differently from its upstream authorises one thing and lets another
 * happen. So runs of `/` are merged, as MLflow itself does, and whatever two programs could read in two
 * ways is refused instead of being repaired.
 */

export interface CanonicalPath {
  readonly problem?: undefined;
  /** Starts with `/`, still percent-encoded. This very string is forwarded. */
  readonly path: string;
  /** What stands between the slashes, still percent-encoded; the last is empty if the path ends in `/`. */
  readonly segments: readonly string[];
}

/** Why a path is refused with 400. `message` is a sentence for the client and repeats nothing of the path. */
export interface PathProblem {
  readonly problem:
    | 'relative'
    | 'character'
    | 'escape'
    | 'control'
    | 'backslash'
    | 'dot-segment'
    | 'slash-run';
  readonly message: string;
}

const MESSAGES: Record<PathProblem['problem'], string> = {
  relative: 'the request must name a path that starts with /, without a host',
  character: 'the path holds a character that must be percent-encoded (a space, a #, or one outside ASCII)',
  escape: 'the path holds a malformed percent-escape, or one that is not valid UTF-8',
  control: 'the path holds a control character',
  backslash: 'the path holds a backslash',
  'dot-segment': 'the path holds a segment . or ..: send the path that it leads to',
  'slash-run': 'the path holds an encoded slash (%2F) beside another slash',
};

/** Printable ASCII but `#` and `?`, which end a path, may stand in one as they are. */
const NOT_RAW = /[^\x21-\x7e]|[#?]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that we look for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
/** Servers that know path parameters end a segment at `;`, and a decoded `/` ends one everywhere. */
const DOT_SEGMENT = /(?:^|[/;])\.\.?(?:[/;]|$)/;

/**
 * Path and query (with its `?`, or empty) of a request target as it stood in the request line. Only paths
 * are taken: `*`, `host:port` and `http://host/path` are refused, since their host would have to be
 * believed, and so is a `#`, at which some servers end the path.
 */
export function splitTarget(
  target: string,
): { problem?: undefined; path: string; query: string } | PathProblem {
  if (!target.startsWith('/')) return problem('relative');
  if (target.includes('#')) return problem('character');
  const end = target.indexOf('?');
  return end < 0 ? { path: target, query: '' } : { path: target.slice(0, end), query: target.slice(end) };
}

/** The canonical form of a raw path, without its query. Never throws. Idempotent. */
export function canonicalPath(raw: string): CanonicalPath | PathProblem {
  if (!raw.startsWith('/')) return problem('relative');
  if (NOT_RAW.test(raw)) return problem('character');
  const path = raw.replace(/\/{2,}/g, '/');
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    const found = problemOf(segment);
    if (found !== undefined) return problem(found);
  }
  return { path, segments };
}

/**
 * The part of a path below a prefix (`/mlflow`), or undefined if it doesn't lie there. `/mlflow` itself
 * does not: it has no path below it, and is redirected to `/mlflow/`.
 */
export function below(prefix: string, whole: CanonicalPath): CanonicalPath | undefined {
  if (!whole.path.startsWith(`${prefix}/`)) return undefined;
  const path = whole.path.slice(prefix.length);
  return { path, segments: path.slice(1).split('/') };
}

function problemOf(segment: string): PathProblem['problem'] | undefined {
  if (!/[%;\\]/.test(segment)) return segment === '.' || segment === '..' ? 'dot-segment' : undefined;
  const decoded = decode(segment);
  if (decoded === undefined) return 'escape';
  if (CONTROL.test(decoded)) return 'control';
  if (decoded.includes('\\')) return 'backslash';
  if (DOT_SEGMENT.test(decoded)) return 'dot-segment';
  return /^\/|\/\/|\/$/.test(decoded) ? 'slash-run' : undefined;
}

/** Decoded once, or undefined if that can't be done. Overlong UTF-8 and lone surrogates can't. */
function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function problem(kind: PathProblem['problem']): PathProblem {
  return { problem: kind, message: MESSAGES[kind] };
}
