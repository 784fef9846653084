/** What a path means to MLflow, and which scope it needs. */
export { isRefusedBody } from './body-rule.ts';
export { below, type CanonicalPath, canonicalPath, type PathProblem, splitTarget } from './canonical-path.ts';
export { isArtifactDownload, isStaticFile, mlflowPolicy } from './mlflow-policy.ts';
export type { RouteDecision, RoutePolicy, RouteRefusal } from './route-decision.ts';
export { isPlainlyUnknown } from './unknown-route.ts';
