import mlflowRoutes from './mlflow-routes.json' with { type: 'json' };
import { MLFLOW_ENCODED_SLASH, MLFLOW_RULES } from './mlflow-rules.ts';
import type { RoutePolicy } from './route-decision.ts';
import { createRoutePolicy, type RouteSwitches, type RouteTable } from './route-policy.ts';

/** The routes of MLflow, `<V>` standing for `api` and for `ajax-api`. */
const ROUTES = mlflowRoutes.routes.flatMap(([, route = '']) =>
  route.startsWith('/<V>/') ? ['api', 'ajax-api'].map((each) => route.replace('<V>', each)) : [route],
);

const MLFLOW_ROUTES: RouteTable = {
  name: 'MLflow',
  rules: MLFLOW_RULES,
  encodedSlash: MLFLOW_ENCODED_SLASH,
  routes: [...new Set(ROUTES)],
};

const ARTIFACT_DOWNLOADS: ReadonlySet<string> = new Set([
  '/api/2.0/mlflow-artifacts/artifacts/{artifact_path}',
  '/ajax-api/2.0/mlflow-artifacts/artifacts/{artifact_path}',
  '/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files',
  '/ajax-api/2.0/mlflow/get-trace-artifact',
  '/ajax-api/3.0/mlflow/get-trace-artifact',
  '/get-artifact',
  '/model-versions/get-artifact',
]);

/** True for the endpoints that answer GET with a file some user has uploaded: a browser must not run it. */
export function isArtifactDownload(endpoint: string): boolean {
  return ARTIFACT_DOWNLOADS.has(endpoint);
}

/** True for the files that MLflow's page consists of: a browser asks for dozens of them at once. `segments`: below the prefix. */
export function isStaticFile(method: string | undefined, segments: readonly string[]): boolean {
  return (method === 'GET' || method === 'HEAD') && segments[0] === 'static-files' && segments.length > 1;
}

/** Who may do what on an MLflow upstream. To be made once. */
export function mlflowPolicy(switches: RouteSwitches): RoutePolicy {
  return createRoutePolicy(MLFLOW_ROUTES, switches);
}
