/** For every route of MLflow a request that does what the route is for, on real objects. */
import { type MlflowObjects, NAMES, otlpHeaders, otlpSpan, SERIALIZED_SCORER } from './mlflow-objects.ts';

export interface MlflowRequest {
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

type Fields = Record<string, unknown>;

/**
 * The request of a route as MLflow writes it (`/api/2.0/mlflow/traces/{trace_id}`). MLflow takes of query and body what it knows and leaves the rest, so all of them hold every field
 * that names an object; what a route needs beside or instead stands in `SPECIAL`.
 */
export function requestFor(method: string, route: string, objects: MlflowObjects): MlflowRequest {
  const kind = route.replace(/^\/(ajax-)?api\/\d\.0\//, '').replace(/^mlflow\//, '');
  const special = SPECIAL[`${method} ${kind}`]?.(objects) ?? {};
  const fields = { ...common(kind, objects), ...special };
  const path = pathOf(route, kind, objects);
  if (method === 'GET') return { path: `${path}?${queryOf(fields)}`, headers: {}, body: undefined };
  const headers = kind === '/v1/traces' ? otlpHeaders(objects.experimentId) : JSON_HEADERS;
  if (kind === 'upload-artifact') {
    const query = queryOf({ run_uuid: objects.runId, path: 'uploaded.txt' });
    return { path: `${path}?${query}`, headers, body: 'changed' };
  }
  const body = route.includes('/artifacts/{artifact_path:path}') ? 'changed' : JSON.stringify(fields);
  return { path, headers, body };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** What holds lists or names becomes several parameters; what holds more is for bodies. */
function queryOf(fields: Fields): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) if (typeof each === 'string') query.append(name, each);
  }
  return query.toString();
}

function pathOf(route: string, kind: string, objects: MlflowObjects): string {
  const values: Record<string, string> = {
    artifact_path: `${objects.artifactRoot.run}/${NAMES.artifact}`,
    model_id: objects.modelId,
    trace_id: objects.traceId,
    request_id: objects.traceId,
    dataset_id: objects.datasetId,
    assessment_id: objects.assessmentId,
    issue_id: objects.issueId,
    tag_key: NAMES.tag,
    key: NAMES.tag,
    name: NAMES.mcpServer,
    version: NAMES.mcpVersion,
    alias: NAMES.alias,
    endpoint_id: objects.mcpEndpointId,
    endpoint_name: NAMES.endpoint,
    workspace_name: 'default',
    path: kind.startsWith('/static-files') ? 'favicon.ico' : 'v1/models',
    filename: 'index.html',
    provider: 'openai',
    // There are none: no job runs, and nobody may make a webhook or a session.
    job_id: 'none',
    webhook_id: 'none',
    session_id: 'none',
  };
  return route.replace(/\{(\w+)(?::path)?\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`say what {${name}} of ${route} may be`);
    return value;
  });
}

/** What names an object. `name` means another kind of object in each family of routes. */
function common(kind: string, objects: MlflowObjects): Fields {
  return {
    experiment_id: objects.experimentId,
    experiment_ids: [objects.experimentId],
    experiment_name: NAMES.experiment,
    run_id: objects.runId,
    run_ids: [objects.runId],
    model_id: objects.modelId,
    trace_id: objects.traceId,
    trace_ids: [objects.traceId],
    request_id: objects.traceId,
    request_ids: [objects.traceId],
    dataset_id: objects.datasetId,
    schema_id: objects.schemaId,
    queue_id: objects.queueId,
    issue_id: objects.issueId,
    scorer_ids: [objects.scorerId],
    item_id: objects.traceId,
    item_ids: [objects.traceId],
    secret_id: objects.secretId,
    model_definition_id: objects.definitionId,
    endpoint_id: objects.endpointId,
    guardrail_id: objects.guardrailId,
    budget_policy_id: objects.budgetId,
    name: nameOf(kind),
    version: '1',
    alias: NAMES.alias,
    key: NAMES.tag,
    value: 'changed',
    metric_key: NAMES.metric,
    path: NAMES.artifact,
    artifact_file_path: NAMES.artifact,
    provider: 'openai',
  };
}

function nameOf(kind: string): string {
  const families: [string, string][] = [
    ['scorers', NAMES.scorer],
    ['label-schemas', NAMES.schema],
    ['review-queues', NAMES.queue],
    ['gateway', NAMES.endpoint],
    ['mcp-servers', NAMES.mcpServer],
  ];
  return families.find(([family]) => kind.startsWith(family))?.[1] ?? NAMES.registeredModel;
}

const NOW_MS = 1_800_000_000_000;
const location = ({ experimentId }: MlflowObjects) => ({
  type: 'MLFLOW_EXPERIMENT',
  mlflow_experiment: { experiment_id: experimentId },
});
const search = (operation: string, { experimentId }: MlflowObjects) => ({
  query: `${operation} { mlflowSearchRuns(input: {experimentIds: ["${experimentId}"]}) { runs { info { runId } } } }`,
});
/** A second one of the kind. */
const other = { name: 'another' };
const humanFeedback = (value: boolean) => ({
  assessment_name: 'good',
  source: { source_type: 'HUMAN', source_id: 'ada' },
  feedback: { value },
});

/** By method and route, without its version: fields beside the common ones, or instead; undefined: not this one. */
const SPECIAL: Record<string, (objects: MlflowObjects) => Fields> = {
  'POST experiments/create': () => other,
  'POST experiments/restore': ({ deletedExperimentId }) => ({ experiment_id: deletedExperimentId }),
  'POST experiments/update': () => ({ new_name: 'renamed' }),
  'POST experiments/search': () => ({ max_results: 10 }),
  'GET experiments/search': () => ({ max_results: '10' }),

  'POST runs/update': () => ({ status: 'FINISHED', end_time: NOW_MS }),
  'POST runs/restore': ({ deletedRunId }) => ({ run_id: deletedRunId }),
  'POST runs/log-metric': () => ({ value: 1.5, timestamp: NOW_MS, step: 7, model_id: undefined }),
  'POST runs/log-batch': () => ({ params: [{ key: 'depth', value: '1' }] }),
  'POST runs/log-inputs': ({ modelId }) => ({ models: [{ model_id: modelId }] }),
  'POST runs/outputs': ({ modelId }) => ({ models: [{ model_id: modelId, step: 0 }] }),
  'POST runs/log-model': ({ runId }) => ({
    model_json: JSON.stringify({
      run_id: runId,
      artifact_path: 'model',
      utc_time_created: '2026-01-01 00:00:00.000000',
      flavors: {},
    }),
  }),
  'POST runs/create-promptlab-run': () => ({
    prompt_template: 'Why {{ question }}?',
    prompt_parameters: [{ key: 'question', value: 'so' }],
    model_route: NAMES.endpoint,
    model_parameters: [{ key: 'temperature', value: '1' }],
    model_input: 'Why so?',
    model_output: 'Because.',
    model_output_parameters: [{ key: 'tokens', value: '2' }],
    mlflow_version: '3.17.2',
  }),

  'POST logged-models': () => other,
  'PATCH logged-models/{model_id}': () => ({ status: 'LOGGED_MODEL_READY' }),
  'POST logged-models/{model_id}/params': () => ({ params: [{ key: 'depth', value: '1' }] }),
  'PATCH logged-models/{model_id}/tags': () => ({ tags: [{ key: 'other', value: 'x' }] }),

  'POST registered-models/create': () => other,
  'POST registered-models/rename': () => ({ new_name: 'renamed' }),
  'PATCH registered-models/update': () => ({ description: 'changed' }),
  'POST registered-models/alias': () => ({ alias: 'challenger' }),
  'POST model-versions/create': ({ artifactRoot }) => ({
    source: `mlflow-artifacts:/${artifactRoot.run}`,
    model_id: undefined,
  }),
  'PATCH model-versions/update': () => ({ description: 'changed' }),
  'POST model-versions/transition-stage': () => ({ stage: 'Staging', archive_existing_versions: false }),

  'GET mlflow-artifacts/artifacts': ({ artifactRoot }) => ({ path: artifactRoot.run }),
  'POST mlflow-artifacts/mpu/create/{artifact_path:path}': () => ({ num_parts: 1 }),
  'POST mlflow-artifacts/mpu/complete/{artifact_path:path}': () => ({ upload_id: 'none', parts: [] }),
  'POST mlflow-artifacts/mpu/abort/{artifact_path:path}': () => ({ upload_id: 'none' }),

  // With a path it asks for an attachment, without for the trace.
  'GET get-trace-artifact': () => ({ path: undefined }),
  'PATCH traces/{request_id}': () => ({ timestamp_ms: NOW_MS, status: 'ERROR' }),
  'POST artifacts/presigned-upload-url': () => ({ model_id: undefined }),

  'POST traces/search': (objects) => ({ locations: [location(objects)] }),
  'POST traces/metrics': () => ({
    view_type: 'TRACES',
    metric_name: 'trace_count',
    aggregations: [{ aggregation_type: 'COUNT' }],
  }),
  'POST traces/calculate-filter-correlation': () => ({
    filter_string1: "trace.status = 'OK'",
    filter_string2: "trace.status = 'ERROR'",
  }),
  // Serves version 2.0, where the fields stand alone, and 3.0.
  'POST traces': (objects) => ({
    timestamp_ms: NOW_MS,
    trace: {
      trace_info: {
        trace_id: 'tr-another',
        trace_location: location(objects),
        request_time: '2026-01-01T00:00:00Z',
        execution_duration: '1s',
        state: 'OK',
      },
    },
  }),
  'POST traces/link-prompts': () => ({ prompt_versions: [{ name: NAMES.prompt, version: '1' }] }),
  'POST traces/{trace_id}/assessments': () => ({ assessment: humanFeedback(false) }),
  'PATCH traces/{trace_id}/assessments/{assessment_id}': () => ({
    assessment: humanFeedback(false),
    update_mask: 'feedback',
  }),

  'POST datasets/create': () => other,
  'POST datasets/{dataset_id}/add-experiments': () => ({ experiment_ids: ['0'] }),
  'PATCH datasets/{dataset_id}/tags': () => ({ tags: JSON.stringify({ other: 'x' }) }),
  'POST datasets/{dataset_id}/records': () => ({
    records: JSON.stringify([{ inputs: { question: 'who' } }]),
  }),
  'DELETE datasets/{dataset_id}/records': ({ recordId }) => ({ dataset_record_ids: [recordId] }),

  'GET gateway/endpoints/get': () => ({ name: undefined }),
  'GET scorers/list': () => ({ experiment_ids: undefined }),
  'POST issues': () => ({ ...other, description: 'Another one.' }),
  'PATCH issues/{issue_id}': () => ({ description: 'changed' }),
  'POST label-schemas/create': () => ({ ...other, type: 'FEEDBACK', input: { text: {} } }),
  'PATCH label-schemas/update': () => ({ instruction: 'changed' }),
  'POST review-queues/create': () => ({ ...other, queue_type: 'CUSTOM' }),
  'POST review-queues/update': () => ({ name: 'renamed' }),
  'POST review-queues/get-or-create-user': () => ({ user: 'grace' }),
  'POST review-queues/items/add': ({ secondTraceId }) => ({ item_type: 'TRACE', item_ids: [secondTraceId] }),
  'POST review-queues/items/set-status': () => ({ status: 'COMPLETE', completed_by: 'ada' }),
  'POST scorers/register': () => ({ ...other, serialized_scorer: SERIALIZED_SCORER }),

  'POST ui-telemetry': () => ({ records: [] }),
  'POST /graphql': (objects) => search('mutation', objects),
  'POST /v1/traces': () => otlpSpan('ffffffffffffffffffffffffffffffff'),
};
