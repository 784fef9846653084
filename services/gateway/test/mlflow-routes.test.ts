/**
 * Compares our rules with the MLflow that is installed: that every one of its routes was thought of, and
 * that it takes each path the way we do.
 */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { sharedMlflow } from '@hokusai/testing';
import fc from 'fast-check';
import { canonicalPath, mlflowPolicy } from '../src/domain/routes/index.ts';
import { disguised } from './support/disguised-paths.ts';
import { askMlflow, describeMlflow, type InstalledMlflow } from './support/installed-mlflow.ts';
import { exampleOf, KNOWN_ROUTES, WORDS } from './support/mlflow-routes.ts';

const meantFor = new Map(KNOWN_ROUTES.map(({ method, route, scope }) => [`${method} ${route}`, scope]));

/** Those of the routes that nobody has decided about, each as a line of `mlflow-routes.json` without its scope. */
function undecided(
  routes: readonly (readonly [method: string, path: string, ...rest: string[]])[],
): string[] {
  return routes
    .filter(([method, path]) => !meantFor.has(`${method} ${path}`))
    .map(([method, path]) => `${method} ${path}`);
}

/** Any will do, but the same paths each time: a failure that comes and goes tells nobody what changed. */
const SEED = 20_250_115;
/**
 * The endpoint named `proxy`, or the proxy of another endpoint's path: both are POST and need the same scope,
 * so that only the statistics could tell which of them MLflow takes it for.
 */
const OF_TWO_ROUTES = '/gateway/proxy/mlflow/invocations';

describe('the installed MLflow', function () {
  this.timeout(180_000);
  let python: string;
  let url: string;
  let mlflow: InstalledMlflow;
  before(async () => {
    ({ python, url } = await sharedMlflow());
    mlflow = await describeMlflow(python);
  });

  it('has no route whose scope nobody has decided', () => {
    assert.ok(
      mlflow.routes.length > 800,
      `only ${mlflow.routes.length} routes were found: the script misses some`,
    );
    for (const source of ['endpoints', 'flask', 'fastapi']) {
      assert.ok(
        mlflow.routes.some((route) => route[2] === source),
        `no route was found in ${source}`,
      );
    }
    assert.deepEqual(
      undecided(mlflow.routes),
      [],
      `MLflow ${mlflow.version} has new routes: decide the scope of each, write it into ` +
        'src/domain/routes/mlflow-routes.json, and add a rule to mlflow-rules.ts where the present ones say otherwise',
    );
  });

  it('would have such a route noticed', () => {
    const planted = ['POST', '/api/2.0/mlflow/runs/brand-new', 'planted'] as const;
    assert.deepEqual(undecided([...mlflow.routes, planted]), ['POST /api/2.0/mlflow/runs/brand-new']);
  });

  it('has no basic-auth path whose scope nobody has decided', () => {
    const known = new Set(KNOWN_ROUTES.map(({ route }) => route));
    assert.ok(mlflow.auth_paths.includes('/signup'));
    assert.deepEqual(
      mlflow.auth_paths.filter((path) => !known.has(path)),
      [],
    );
  });

  it('changes nothing by GraphQL, which needs mlflow:read only', () => {
    assert.deepEqual(mlflow.mutations, ['mlflowSearchDatasets', 'mlflowSearchRuns', 'testMutation']);
  });

  it('decodes a path before it splits it, but once only, as the next test supposes', async () => {
    const statuses = {
      '/api/2.0/mlflow/experiments/get?experiment_id=0': 200,
      '/api/2.0/mlflow%2Fexperiments/get?experiment_id=0': 200,
      '/api/2.0/%6dlflow/experiments/ge%74?experiment_id=0': 200,
      '/api/2.0/mlflow%252Fexperiments/get?experiment_id=0': 404,
      '/api/2.0/mlflow/experiments;x/get?experiment_id=0': 404,
      '/api/2.0/mlflow/experiments/get/?experiment_id=0': 404,
    };
    for (const [path, status] of Object.entries(statuses))
      assert.equal(await statusOf(url, path), status, path);
  });

  it('takes every path that we let pass for the route whose scope we asked', async () => {
    const policy = mlflowPolicy({ assistant: true, presignedUrls: true });
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE');
    const known = fc.constantFrom(...KNOWN_ROUTES);
    const strange = fc.tuple(
      methods,
      known.chain(({ route }) => disguised(exampleOf(route))),
    );
    // Ids that are words of other routes: what may be done to a run must not depend on its name.
    const misnamed = KNOWN_ROUTES.filter(({ route }) => route.includes('{')).flatMap(({ method, route }) =>
      WORDS.map((word) => [method, route.replace(/\{\w+(:path)?\}/g, word)] as const),
    );
    const tried = [...fc.sample(strange, { numRuns: 15_000, seed: SEED }), ...misnamed];
    const passed = tried.flatMap(([asked, raw]) => {
      const canonical = canonicalPath(raw);
      if (canonical.problem !== undefined) return [];
      const decision = policy.scopeFor(asked, canonical);
      if (decision.kind === 'refused') return [];
      const scope = decision.kind === 'scope' ? decision.scope : decision.kind;
      return [{ asked, path: canonical.path, scope, endpoint: policy.endpointOf(canonical) }];
    });
    const taken: (string | null)[] = await askMlflow(
      python,
      ['match'],
      passed.map((each) => [each.asked, each.path]),
    );
    const endpoints = new Set(KNOWN_ROUTES.map(({ method, route }) => `${method} ${templateOf(route)}`));
    let compared = 0;
    for (const [index, { asked, path: sent, scope, endpoint }] of passed.entries()) {
      const route = taken[index];
      if (route == null) continue;
      compared++;
      const meant = meantFor.get(`${asked} ${route}`)?.replace('refused', 'mlflow:admin');
      assert.equal(scope, meant, `${asked} ${sent} is taken for ${route}`);
      // Endpoints are told apart by path only: an id that is another route's word counts for that, and an
      // empty artifact path for the list of artifacts.
      if (endpoints.has(`${asked} ${endpoint}`) && !sent.endsWith('/') && sent !== OF_TWO_ROUTES)
        assert.equal(endpoint, templateOf(route), `${asked} ${sent}`);
    }
    assert.ok(compared > 2000, `only ${compared} of ${passed.length} paths led to a route`);
  });
});

/** MLflow's route as we count it: all that follows a path parameter, a suffix and a final slash left out. */
function templateOf(route: string): string {
  const whole = route.replace(/\{(\w+):path\}.*$/, '{$1}').replace(/(\{\w+\})[^/]+/g, '$1');
  return whole === '/' ? whole : whole.replace(/\/$/, '');
}

/** Status of a GET whose path is sent as it stands. */
function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get({ hostname, port, path, agent: false }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode));
  }).on('error', reject);
  return promise;
}
