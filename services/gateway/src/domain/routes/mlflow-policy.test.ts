import assert from 'node:assert/strict';
import fc from 'fast-check';
import { disguised } from '../../../test/support/disguised-paths.ts';
import { exampleOf, KNOWN_ROUTES } from '../../../test/support/mlflow-routes.ts';
import { type CanonicalPath, canonicalPath } from './canonical-path.ts';
import { isArtifactDownload, isStaticFile, mlflowPolicy } from './mlflow-policy.ts';
import { MLFLOW_RULES } from './mlflow-rules.ts';

const policy = mlflowPolicy({ assistant: false, presignedUrls: true });

function canonical(raw: string): CanonicalPath {
  const path = canonicalPath(raw);
  return path.problem === undefined ? path : assert.fail(`${raw}: ${path.message}`);
}

/** The decision in one word: the scope, `public`, or the reason of a refusal. */
function decide(method: string, raw: string, by = policy): string {
  const decision = by.scopeFor(method, canonical(raw));
  if (decision.kind === 'scope') return decision.scope;
  return decision.kind === 'refused' ? decision.reason : decision.kind;
}

/** The rule table read in the plainest way: each row a regular expression, on the path as MLflow decodes it. */
function oracle(method: string, decoded: string): string {
  const path = decoded.length > 1 ? decoded.replace(/\/$/, '') : decoded;
  const rule = MLFLOW_RULES.find(
    ({ outcome, unless, methods, paths }) =>
      unless !== 'presignedUrls' &&
      (methods as readonly string[]).includes(method) &&
      paths.some((pattern) => regExpOf(pattern).test(outcome === 'public' ? decoded : path)),
  );
  if (rule === undefined) return 'unknown-route';
  return rule.outcome === 'refused' ? 'switched-off' : rule.outcome;
}

const compiled = new Map<string, RegExp>();

function regExpOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll('.', '\\.')
    .replace(/\{([^}]*)\}/g, (_, alternatives: string) => `(${alternatives.replaceAll(',', '|')})`)
    .replace(/\/\*\*$/, '#')
    .replaceAll('*', '[^/]*')
    .replace(/#$/, '(/.*)?');
  const known = compiled.get(pattern) ?? new RegExp(`^${source}$`, 's');
  compiled.set(pattern, known);
  return known;
}

describe('the scope of an MLflow route', () => {
  it('is for each route of MLflow the one that was meant for it', () => {
    assert.ok(KNOWN_ROUTES.length > 480);
    for (const { method, route, scope } of KNOWN_ROUTES) {
      const meant = scope === 'refused' ? 'switched-off' : scope;
      assert.equal(decide(method, exampleOf(route)), meant, `${method} ${route}`);
    }
  });

  const rows: [scope: string, methods: string, paths: string][] = [
    ['public', 'GET HEAD', '/health /version /static-files/manifest.json'],
    ['unknown-route', 'GET', '/health/ /version/'],
    ['unknown-route', 'POST', '/health /version'],
    [
      'mlflow:read',
      'GET HEAD OPTIONS',
      '/ /static-files/js/main.js /static-files/manifest.json/ /get-artifact /model-versions/get-artifact /graphql',
    ],
    [
      'mlflow:read',
      'GET HEAD OPTIONS',
      '/api/2.0/mlflow/runs/get /ajax-api/2.0/mlflow/runs/get /api/9.0/mlflow/whatever /api/2.0/mlflow-artifacts/artifacts/a/b',
    ],
    [
      'mlflow:admin',
      'GET POST HEAD',
      '/signup /api/2.0/mlflow/users /api/2.0/mlflow/users/create /api/4.0/mlflow/roles/x /ajax-api/3.0/mlflow/jobs/1',
    ],
    [
      'mlflow:admin',
      'GET POST DELETE',
      '/api/2.0/mlflow/permissions/x /api/2.0/mlflow/experiments/permissions/get /api/2.0/mlflow/experiments/permissions',
    ],
    [
      'mlflow:admin',
      'GET POST PATCH',
      '/api/3.0/mlflow/gateway/secrets/get /api/3.0/mlflow/gateway/endpoints/permissions/get /ajax-api/3.0/jobs/ /ajax-api/3.0/jobs',
    ],
    [
      'mlflow:admin',
      'POST PUT PATCH DELETE',
      '/api/3.0/mlflow/workspaces /api/3.0/mlflow/workspaces/w /api/3.0/mlflow/gateway/budgets/x /api/3.0/mlflow/mcp-servers/a%2Fb/tags/c',
    ],
    [
      'mlflow:read',
      'GET HEAD OPTIONS',
      '/api/3.0/mlflow/workspaces /api/3.0/mlflow/gateway/budgets/list /api/3.0/mlflow/mcp-servers/a%2Fb /ajax-api/3.0/mlflow/mcp-servers',
    ],
    ['mlflow:admin', 'PUT', '/api/3.0/mlflow/scorers/online-config'],
    [
      'mlflow:invoke',
      'GET POST DELETE',
      '/gateway /gateway/openai/v1/embeddings /gateway/x/mlflow/invocations /ajax-api/2.0/mlflow/gateway-proxy',
    ],
    [
      'mlflow:invoke',
      'POST',
      '/ajax-api/3.0/mlflow/scorer/invoke /ajax-api/3.0/mlflow/issues/invoke /api/3.0/mlflow/genai/evaluate/invoke /api/3.0/mlflow/prompt-optimization/jobs',
    ],
    [
      'mlflow:read',
      'POST',
      '/api/2.0/mlflow/runs/search /api/2.0mlflow/experiments/search-datasets /graphql /api/3.0/mlflow/traces/search',
    ],
    [
      'mlflow:write',
      'POST',
      '/api/3.0/mlflow/runs/search /api/2.0/mlflow/search /api/2.0/mlflow/runs/search/x /api/2.0/mlflow/runs/create /v1/traces',
    ],
    [
      'mlflow:write',
      'POST PUT PATCH',
      '/api/2.0/mlflow-artifacts/artifacts/a /ajax-api/2.0/mlflow/upload-artifact /api/2.0/mlflow-artifacts/mpu/create/a',
    ],
    [
      'mlflow:write',
      'DELETE',
      '/api/2.0/mlflow/registered-models/alias /api/2.0/mlflow/model-versions/delete-tag /api/3.0/mlflow/traces/tr-1/tags /api/2.0/mlflow/logged-models/m-1/tags/k',
    ],
    [
      'mlflow:delete',
      'DELETE',
      '/api/2.0/mlflow/logged-models/tags /api/2.0/mlflow/logged-models/alias /api/2.0/mlflow/logged-models/delete-tag /api/2.0/mlflow-artifacts/artifacts/x/tags',
    ],
    [
      'mlflow:delete',
      'DELETE',
      '/api/2.0/mlflow-artifacts/artifacts/logged-models/x/tags/y /api/3.0/mlflow/datasets/d /api/3.0/mlflow/datasets/d/records /api/3.0/mlflow/prompt-optimization/jobs/tags /anything',
    ],
    [
      'mlflow:delete',
      'POST',
      '/api/2.0/mlflow/runs/delete /api/2.0/mlflow/experiments/delete/ /api/3.0/mlflow/traces/delete-traces',
    ],
    [
      'mlflow:write',
      'PUT',
      '/api/2.0/mlflow-artifacts/artifacts/runs/delete /api/2.0/mlflow-artifacts/artifacts/mlflow/permissions/x',
    ],
    [
      'mlflow:read',
      'GET',
      '/api/2.0/mlflow-artifacts/artifacts/mlflow/experiments/permissions/x /api/2.0/mlflow-artifacts/artifacts/users/a',
    ],
    [
      'unknown-route',
      'GET POST PUT',
      '/API/2.0/mlflow/runs/get /metrics /v1/metrics /admin /healthz /.well-known/x /apis/2.0 /graphql/x /signup/x',
    ],
    ['unknown-route', 'GET', '/v1/traces'],
    [
      'switched-off',
      'GET POST PUT DELETE',
      '/ajax-api/3.0/mlflow/assistant/message /api/3.0/mlflow/assistant /api/9.0/mlflow/assistant/x',
    ],
    ['unknown-method', 'TRACE CONNECT PROPFIND get QUERY constructor', '/ /api/2.0/mlflow/runs/get /health'],
  ];
  for (const [scope, methods, paths] of rows) {
    it(`${scope}: ${methods} ${paths}`, () => {
      for (const method of methods.split(' ')) {
        for (const path of paths.split(' ')) assert.equal(decide(method, path), scope, `${method} ${path}`);
      }
    });
  }

  it('follows the switches', () => {
    const open = mlflowPolicy({ assistant: true, presignedUrls: false });
    assert.equal(decide('POST', '/ajax-api/3.0/mlflow/assistant/message', open), 'mlflow:admin');
    const presigned = [
      'mlflow/artifacts/presigned-download-url',
      'mlflow/artifacts/presigned-upload-url',
      'mlflow-artifacts/presigned/a/b',
      'mlflow-artifacts/mpu/create/a',
    ];
    for (const path of presigned) assert.equal(decide('POST', `/api/2.0/${path}`, open), 'switched-off');
    assert.equal(decide('GET', '/api/2.0/mlflow-artifacts/presigned%2Fa', open), 'ambiguous');
    assert.equal(decide('PUT', '/api/2.0/mlflow-artifacts/artifacts/a', open), 'mlflow:write');
  });
});

describe('a disguised MLflow route', () => {
  it('is refused where a fixed segment is percent-encoded or carries a semicolon', () => {
    const paths = [
      '/api/2.0/mlflow/%70ermissions/x',
      '/api/2.0/mlflow/experiments/permission%73/x',
      '/api/3.0/mlflow/assistant;x/message',
      '/api/2.0/mlflow/users;/create',
      '/%61pi/2.0/mlflow/runs/get',
      '/api;v=1/2.0/mlflow/runs/get',
      '/api/2.0/mlflow/%72uns/get',
      '/api/2.0/mlflow/runs/ge%74',
      '/api/2%2e0/mlflow/runs/get',
      '/%68ealth',
      '/health;x',
      '/static%2Dfiles/manifest.json',
      '/%67ateway/x/mlflow/invocations',
      '/gateway;a/x',
      '/graphql;x',
      '/api/2.0/mlflow-artifacts/artifact%73/a',
      '/api/2.0/mlflow%2Dartifacts/artifacts/a',
      '/api/3.0/mlflow/mcp%2Dservers/a',
      '/ajax-api/3.0/mlflow/gateway/%73ecrets/get',
      '/api/2.0/mlflow/users%3Bx/create',
    ];
    for (const path of paths)
      for (const method of ['GET', 'POST'])
        assert.equal(decide(method, path), 'ambiguous', `${method} ${path}`);
  });

  it('is refused where %2F stands outside artifacts and MCP servers', () => {
    const paths = [
      '/api/2.0/mlflow%2Fusers/create',
      '/api%2F2.0/mlflow/runs/get',
      '/api/2.0%2Fmlflow/users/create',
      '/api/2.0/mlflow/runs%2fget',
      '/gateway/proxy/a%2Fb/c',
      '/static-files/a%2Fb',
      '/api/3.0/mlflow/traces/a%2Ftags',
      '/api/2.0/mlflow-artifacts%2Fartifacts/a',
      '/x/api/2.0/mlflow-artifacts/a%2Fb',
      '/api/3.0/mlflow%2Fmcp-servers/a',
    ];
    for (const path of paths)
      for (const method of ['GET', 'POST', 'DELETE'])
        assert.equal(decide(method, path), 'ambiguous', `${method} ${path}`);
  });

  it('is none where a parameter or an artifact path holds escapes and semicolons', () => {
    const paths = [
      '/api/2.0/mlflow-artifacts/artifacts/a%2Fb',
      '/api/2.0/mlflow-artifacts/artifacts/dir/a;b/c%20d%C3%A9',
      '/ajax-api/2.0/mlflow-artifacts/artifacts/100%25.txt',
      '/api/2.0/mlflow-artifacts/artifacts/;a',
      '/api/3.0/mlflow/mcp-servers/io.example%2Fname/versions/1',
      '/api/2.0/mlflow/logged-models/m%20x',
      '/api/3.0/mlflow/traces/tr;1',
      '/static-files/a%20b.js',
      '/api/2.0/mlflow/runs/unheard%20of',
      '/api/2.0/mlflow-artifacts/artifacts/a%3Fb%23c',
      '/api/2.0/mlflow-artifacts/artifacts/%70ermissions',
    ];
    for (const path of paths) assert.equal(decide('GET', path), 'mlflow:read', path);
    assert.equal(decide('DELETE', '/api/3.0/mlflow/datasets/d-1/tags/my%20key;1'), 'mlflow:write');
  });

  it('never gets another scope than what MLflow makes of the very string that is forwarded', () => {
    const route = fc.constantFrom(...KNOWN_ROUTES).chain(({ route }) => disguised(exampleOf(route)));
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE');
    let allowed = 0;
    fc.assert(
      fc.property(method, route, (asked, raw) => {
        const path = canonicalPath(raw);
        if (path.problem !== undefined) return;
        const decision = decide(asked, path.path);
        if (decision === 'ambiguous') return;
        allowed++;
        assert.equal(decision, oracle(asked, decodeURIComponent(path.path)), `${asked} ${raw}`);
        const cut = decodeURIComponent(path.path).replace(/([^/;]);[^/]*/g, '$1');
        assert.equal(decision, oracle(asked, cut), `${asked} ${raw} without what follows a semicolon`);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(allowed > 4000, `only ${allowed} of the paths tried were not refused`);
  });

  it('costs no exception, whatever the method and the path', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (method, rest) => {
        const path = canonicalPath(`/${rest}`);
        if (path.problem === undefined) policy.scopeFor(method, path);
      }),
    );
  });
});

describe('the endpoint of an MLflow route', () => {
  const endpoint = (raw: string) => policy.endpointOf(canonical(raw));

  it('is its template', () => {
    assert.equal(endpoint('/api/2.0/mlflow/runs/get'), '/api/2.0/mlflow/runs/get');
    assert.equal(
      endpoint('/ajax-api/3.0/mlflow/traces/tr-1/assessments/a-2'),
      '/ajax-api/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}',
    );
    assert.equal(
      endpoint('/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/model/MLmodel'),
      '/api/2.0/mlflow-artifacts/artifacts/{artifact_path}',
    );
    assert.equal(
      endpoint('/api/3.0/mlflow/mcp-servers/io.example%2Fx/versions/1'),
      '/api/3.0/mlflow/mcp-servers/{name}',
    );
    assert.equal(endpoint('/api/2.0/mlflow/runs/frobnicate/1'), '/api/2.0/mlflow/runs/**');
  });

  it('is one of a bounded number and holds nothing of an id', () => {
    const seen = new Set<string>();
    for (const { route } of KNOWN_ROUTES) {
      for (const rest of ['', '/4711', '/4711/4711']) {
        const template = endpoint(exampleOf(route).replaceAll(/some[-/]\w+/g, '4711') + rest);
        assert.ok(!template.includes('4711'), template);
        seen.add(template);
      }
    }
    assert.ok(seen.size < 3 * KNOWN_ROUTES.length, String(seen.size));
  });

  it("tells reading the static files of MLflow's page", () => {
    assert.ok(isStaticFile('GET', ['static-files', 'static', 'js', 'main.js']));
    assert.ok(isStaticFile('HEAD', ['static-files', 'a']));
    for (const [method, ...segments] of [
      ['POST', 'static-files', 'a'],
      ['GET', 'static-files'],
      ['GET', 'api', 'static-files', 'a'],
      ['GET', 'Static-Files', 'a'],
      ['GET', ''],
    ] as const)
      assert.ok(!isStaticFile(method, segments), `${method} ${segments.join('/')}`);
  });

  it('tells downloads of artifacts', () => {
    const downloads = KNOWN_ROUTES.filter(({ route }) => isArtifactDownload(endpoint(exampleOf(route))));
    assert.deepEqual(
      [...new Set(downloads.filter(({ method }) => method === 'GET').map(({ route }) => route))].sort(),
      [
        '/ajax-api/2.0/mlflow-artifacts/artifacts/{artifact_path:path}',
        '/ajax-api/2.0/mlflow/get-trace-artifact',
        '/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files',
        '/ajax-api/3.0/mlflow/get-trace-artifact',
        '/api/2.0/mlflow-artifacts/artifacts/{artifact_path:path}',
        '/get-artifact',
        '/model-versions/get-artifact',
      ],
    );
  });
});
