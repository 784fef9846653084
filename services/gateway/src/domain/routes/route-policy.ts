import type { Scope } from '@hokusai/contracts/scopes';
import { endpointTable } from './endpoints.ts';
import { addPattern, emptyTrie, findAll, findBeginnings, type PathTrie } from './path-trie.ts';
import { rememberingPaths } from './remembering.ts';
import type { RouteDecision, RoutePolicy, RouteRefusal } from './route-decision.ts';

export const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;
export const UNSAFE_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const METHODS = [...SAFE_METHODS, ...UNSAFE_METHODS] as const;

export type Method = (typeof METHODS)[number];

/** What an operator may decide about routes whose risk depends on the installation. */
export interface RouteSwitches {
  /** Let keys with `mlflow:admin` use MLflow's assistant, which runs tools on the MLflow server's host. */
  readonly assistant: boolean;
  /** Let MLflow hand out URLs that lead to its storage past the gateway. */
  readonly presignedUrls: boolean;
}

/** One row of a rule table. The first row that fits method and path decides. */
export interface RouteRule {
  /** The scope that is needed; `public`: no key; `refused`: nobody may, unless the switch is on. */
  readonly outcome: Scope | 'public' | 'refused';
  readonly unless?: keyof RouteSwitches;
  readonly methods: readonly Method[];
  /** Patterns as in `PathTrie`. A final `/` of a path makes no difference, but for `public`. */
  readonly paths: readonly string[];
}

export interface RouteTable {
  /** The upstream's, for people. */
  readonly name: string;
  readonly rules: readonly RouteRule[];
  /** Patterns of the paths below which a segment may hold `%2F`. */
  readonly encodedSlash: readonly string[];
  /** The upstream's routes, as `/api/2.0/mlflow/traces/{trace_id}/tags`; `{name:path}` takes any rest. */
  readonly routes: readonly string[];
}

/** Compiles a table. A decision then costs some microseconds, and no more if the table grows. */
export function createRoutePolicy(table: RouteTable, switches: RouteSwitches): RoutePolicy {
  const rules = compile(table.rules.filter(({ unless }) => unless === undefined || !switches[unless]));
  const slashes = emptyTrie<true>();
  for (const pattern of table.encodedSlash) addPattern(slashes, pattern, true);
  const endpoints = endpointTable(table.routes);
  const { name } = table;
  return rememberingPaths({
    scopeFor(method, path) {
      if (!isMethod(method))
        return refused('unknown-method', `the method is none of those that ${name} knows`);
      const rule = ruleFor(rules, method, path.segments);
      if (/[%;]/.test(path.path)) {
        if (hasStraySlash(slashes, path.segments)) return refused('ambiguous', straySlash(name));
        const sameRoute = otherReadings(path.path).every(
          (other) =>
            ruleFor(rules, method, other) === rule && endpoints.find(other) === endpoints.find(path.segments),
        );
        if (!sameRoute) return refused('ambiguous', DISGUISED);
      }
      return decisionOf(rule, name);
    },
    endpointOf: (path) => endpoints.find(path.segments),
  });
}

const straySlash = (name: string) =>
  `the path holds an encoded slash (%2F) in a place where ${name} takes none`;
const DISGUISED = 'a fixed part of the path is percent-encoded or carries a ;: send it as it is documented';

interface CompiledRule {
  /** The lowest that fits decides. */
  readonly order: number;
  readonly rule: RouteRule;
}

function compile(rules: readonly RouteRule[]): PathTrie<CompiledRule> {
  const trie = emptyTrie<CompiledRule>();
  for (const [order, rule] of rules.entries()) {
    for (const pattern of rule.paths) addPattern(trie, pattern, { order, rule });
  }
  return trie;
}

function ruleFor(
  rules: PathTrie<CompiledRule>,
  method: Method,
  segments: readonly string[],
): RouteRule | undefined {
  const subject = withoutFinalSlash(segments);
  let first: CompiledRule | undefined;
  findAll(rules, subject, (found) => {
    if (first !== undefined && first.order <= found.order) return;
    if (!found.rule.methods.includes(method)) return;
    // What needs no key is exactly what was meant, and nothing that the upstream might take for it.
    if (found.rule.outcome === 'public' && subject !== segments) return;
    first = found;
  });
  return first?.rule;
}

function decisionOf(rule: RouteRule | undefined, name: string): RouteDecision {
  if (rule === undefined) return refused('unknown-route', `${name} has no such route`);
  if (rule.outcome === 'public') return { kind: 'public' };
  if (rule.outcome === 'refused')
    return refused('switched-off', 'this route is switched off on this gateway');
  return { kind: 'scope', scope: rule.outcome };
}

/**
 * True if `%2F` stands in a segment that is not below one of the paths where it may. Looks the path up once,
 * however many such segments it has: it may be a stranger's.
 */
function hasStraySlash(allowed: PathTrie<true>, segments: readonly string[]): boolean {
  if (!segments.some(holdsSlash)) return false;
  const lengths = new Set<number>();
  let openFrom = Number.POSITIVE_INFINITY;
  findBeginnings(allowed, segments, (length, isOpen) => {
    if (isOpen) openFrom = Math.min(openFrom, length);
    else lengths.add(length);
  });
  return segments.some((segment, at) => at < openFrom && !lengths.has(at) && holdsSlash(segment));
}

function holdsSlash(segment: string): boolean {
  return /%2f/i.test(segment);
}

/**
 * How an upstream may read a path other than by its raw segments: MLflow's server decodes it first and
 * splits it then; others also end a segment at its first `;`.
 */
function otherReadings(path: string): string[][] {
  const decoded = decodeURIComponent(path);
  const texts = decoded.includes(';') ? [decoded, decoded.replace(PARAMETERS, '$1')] : [decoded];
  return texts.map((text) => text.slice(1).split('/'));
}

/** What follows the first `;` of a segment that has something before it. */
const PARAMETERS = /(\/[^/;]+);[^/]*/g;

function withoutFinalSlash(segments: readonly string[]): readonly string[] {
  return segments.length > 1 && segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method);
}

function refused(reason: RouteRefusal['reason'], message: string): RouteRefusal {
  return { kind: 'refused', reason, message };
}
