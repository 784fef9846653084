import mlflowRoutes from '../../src/domain/routes/mlflow-routes.json' with { type: 'json' };

export interface KnownRoute {
  method: string;
  /** As MLflow has it: `{name}` takes one segment, `{name:path}` any rest. */
  route: string;
  /** The scope that was meant for it, or `public` or `refused`. */
  scope: string;
}

/** The table of MLflow's routes, one by one: those with `<V>` twice. */
export const KNOWN_ROUTES: readonly KnownRoute[] = mlflowRoutes.routes.flatMap(
  ([method = '', route = '', scope = '']) =>
    (route.startsWith('/<V>/') ? ['api', 'ajax-api'] : ['']).map((each) => ({
      method,
      route: route.replace('<V>', each),
      scope,
    })),
);

/** A path that takes this route, with ids that no rule knows. */
export function exampleOf(route: string): string {
  return route.replace(/\{(\w+):path\}/g, 'some/$1').replace(/\{(\w+)\}/g, 'some-$1');
}

/**
 * The fixed words of all routes, to be set in for ids. Without `permissions`, behind which every path is an
 * administrator's: there an id of that name needs more than it would have to.
 */
export const WORDS: readonly string[] = [
  ...new Set(KNOWN_ROUTES.flatMap(({ route }) => route.split('/'))),
].filter((word) => /^[^{]/.test(word) && word !== 'permissions');
