import type { RouteRule } from './route-policy.ts';

const SAFE = ['GET', 'HEAD', 'OPTIONS'] as const;
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
const ANY = [...SAFE, ...UNSAFE] as const;

/** Every RPC endpoint of MLflow stands under both: the first for programs, the second for its UI. */
const V = '/{api,ajax-api}';

/**
 * The scope that each MLflow route needs; the first rule that fits decides. What is written here is
 * explained to users in docs/reference/api.md. `mlflow-routes.json` holds every route of MLflow
 * with the scope that was meant for it, and a test compares both with the MLflow that is installed.
 *
 * Rules that restrict say `*` for the API's version, so that a new version doesn't slip past them; rules
 * that relax name just the paths they mean.
 */
export const MLFLOW_RULES: readonly RouteRule[] = [
  // The UI fetches its manifest without credentials.
  {
    outcome: 'public',
    methods: ['GET', 'HEAD'],
    paths: ['/health', '/version', '/static-files/manifest.json'],
  },

  // The assistant runs tools on the MLflow server's host and trusts callers from there, as the gateway is.
  { outcome: 'refused', unless: 'assistant', methods: ANY, paths: [`${V}/*/mlflow/assistant/**`] },
  // Such URLs lead to the storage past the gateway: they outlive a revocation and are not metered.
  {
    outcome: 'refused',
    unless: 'presignedUrls',
    methods: ANY,
    paths: [
      `${V}/*/mlflow/artifacts/{presigned-download-url,presigned-upload-url}`,
      `${V}/*/mlflow-artifacts/{presigned,mpu}/**`,
    ],
  },

  {
    outcome: 'mlflow:admin',
    methods: ANY,
    paths: [
      '/signup',
      `${V}/*/mlflow/{users,roles,permissions,webhooks,jobs,demo,assistant}/**`,
      `${V}/*/mlflow/{*,gateway/*}/permissions/**`,
      `${V}/*/mlflow/gateway/secrets/**`,
      `${V}/*/jobs/**`,
    ],
  },
  { outcome: 'mlflow:admin', methods: UNSAFE, paths: [`${V}/*/mlflow/{workspaces,gateway,mcp-servers}/**`] },
  { outcome: 'mlflow:admin', methods: ['PUT'], paths: [`${V}/*/mlflow/scorers/online-config`] },

  // What spends money at a model provider.
  { outcome: 'mlflow:invoke', methods: ANY, paths: ['/gateway/**', `${V}/*/mlflow/gateway-proxy`] },
  {
    outcome: 'mlflow:invoke',
    methods: ['POST'],
    paths: [`${V}/*/mlflow/{scorer,issues,genai/evaluate}/invoke`, `${V}/*/mlflow/prompt-optimization/jobs`],
  },

  // Searches that are POST because their arguments are long.
  {
    outcome: 'mlflow:read',
    methods: ['POST'],
    paths: [
      `${V}/2.0/mlflow/{experiments,runs,logged-models}/search`,
      `${V}/2.0/mlflow/experiments/search-datasets`,
      // MLflow itself misspells this one.
      `${V}/2.0mlflow/experiments/search-datasets`,
      `${V}/2.0/mlflow/registered-models/get-latest-versions`,
      `${V}/2.0/mlflow/artifacts/presigned-download-url`,
      `${V}/3.0/mlflow/traces/{search,batchGetInfos,metrics,calculate-filter-correlation}`,
      `${V}/3.0/mlflow/{datasets,issues,prompt-optimization/jobs}/search`,
      `${V}/3.0/mlflow/ui-telemetry`,
      // Its mutations are searches and an echo: a test looks at the schema.
      '/graphql',
    ],
  },

  // Removing a tag or an alias changes its owner and deletes nothing. Each owner is named: behind a `*`
  // the model whose id is `tags` could be deleted with it.
  {
    outcome: 'mlflow:write',
    methods: ['DELETE', 'POST', 'PATCH'],
    paths: [
      `${V}/*/mlflow/{runs,registered-models,model-versions}/delete-tag`,
      `${V}/*/mlflow/experiments/delete-experiment-tag`,
      `${V}/*/mlflow/registered-models/{alias,delete-alias}`,
      `${V}/*/mlflow/traces/*/tags`,
      `${V}/*/mlflow/{logged-models,datasets}/*/tags/*`,
    ],
  },

  { outcome: 'mlflow:delete', methods: ['DELETE'], paths: ['/**'] },
  { outcome: 'mlflow:delete', methods: ['POST'], paths: [`${V}/*/mlflow/{*/delete,traces/delete-traces}`] },

  {
    outcome: 'mlflow:read',
    methods: SAFE,
    paths: [
      '/',
      '/{static-files,build}/**',
      '/get-artifact',
      '/model-versions/get-artifact',
      '/graphql',
      `${V}/**`,
    ],
  },
  { outcome: 'mlflow:write', methods: UNSAFE, paths: [`${V}/**`] },
  { outcome: 'mlflow:write', methods: ['POST'], paths: ['/v1/traces'] },
];

/**
 * Below these paths `%2F` may stand in a segment: MLflow decodes it to `/` there, its MCP client quotes
 * names that way, and no rule depends on what follows.
 */
export const MLFLOW_ENCODED_SLASH: readonly string[] = [
  `${V}/2.0/mlflow-artifacts/**`,
  `${V}/3.0/mlflow/mcp-servers/**`,
];
