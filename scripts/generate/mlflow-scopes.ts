/** The scopes of MLflow's routes as the documents show them, from the data that the gateway decides by. */
import mlflowRoutes from '../../services/gateway/src/domain/routes/mlflow-routes.json' with { type: 'json' };
import { MLFLOW_RULES } from '../../services/gateway/src/domain/routes/mlflow-rules.ts';
import {
  METHODS,
  type Method,
  type RouteRule,
  SAFE_METHODS,
  UNSAFE_METHODS,
} from '../../services/gateway/src/domain/routes/route-policy.ts';
import { markdownTable } from './markdown-table.ts';

const PAGE_AND_PROGRAMS = '/{api,ajax-api}';

const UNLESS: Record<NonNullable<RouteRule['unless']>, string> = {
  assistant: 'nobody, unless `MLFLOW_ASSISTANT=true`',
  presignedUrls: 'nobody, where `MLFLOW_PRESIGNED_URLS=false`',
};

/** A table of rules, the first that fits deciding. */
export function mlflowRulesTable(): string {
  const rows = MLFLOW_RULES.map((rule) => [outcomeOf(rule), methodsOf(rule.methods), pathsOf(rule.paths)]);
  return markdownTable(['scope', 'method', 'path'], [...rows, ['404', 'any', 'everything else']]);
}

/** A page with every route of the MLflow that the gateway knows, by scope. */
export function mlflowRoutesPage(): string {
  const { mlflow, routes } = mlflowRoutes;
  const byScope = Map.groupBy(routes, ([, , scope = '']) => scope);
  const sections = [...byScope].sort().map(([scope, found]) => {
    const rows = found.map(([method = '', path = '']) => [method, code(path)]);
    const title = scope === 'public' ? 'No key needed' : scope;
    return `## ${title}\n\n${markdownTable(['method', 'path'], rows)}`;
  });
  return `# Routes of MLflow and their scopes

Every route of MLflow ${mlflow}, its basic-auth plug-in included, with the scope that a key needs for it. Paths are those below
the gateway's \`/mlflow\`; \`<V>\` stands for \`api\` and \`ajax-api\` (programs use the first, the UI the second). HEAD and
OPTIONS count as GET. What decides are [the rules](api.md#which-scope-a-request-needs), which also hold for routes that are not
in this list.

${sections.join('\n')}`;
}

function outcomeOf({ outcome, unless }: RouteRule): string {
  if (outcome === 'public') return 'no key needed';
  if (outcome !== 'refused') return code(outcome);
  return unless === undefined ? 'nobody' : UNLESS[unless];
}

/** HEAD and OPTIONS go with GET. */
function methodsOf(methods: readonly Method[]): string {
  if (isAll(METHODS, methods)) return 'any';
  if (isAll(UNSAFE_METHODS, methods) && !methods.includes('GET')) return 'all but GET';
  return methods.filter((method) => method === 'GET' || !isOneOf(SAFE_METHODS, method)).join(', ');
}

function isAll(expected: readonly Method[], methods: readonly Method[]): boolean {
  return expected.every((method) => methods.includes(method));
}

function isOneOf(methods: readonly Method[], method: Method): boolean {
  return methods.includes(method);
}

function pathsOf(paths: readonly string[]): string {
  return paths.map((path) => code(path.replace(PAGE_AND_PROGRAMS, '/<V>'))).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}
