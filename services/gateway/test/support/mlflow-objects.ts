/** One object of each kind in an MLflow server, so that every route has something to show or to change. */
import assert from 'node:assert/strict';

/** What the objects are called. Ids are MLflow's; names are the same in each test. */
export interface MlflowObjects {
  experimentId: string;
  deletedExperimentId: string;
  runId: string;
  deletedRunId: string;
  /** Of the run and of the logged model. */
  artifactRoot: { run: string; model: string };
  modelId: string;
  traceId: string;
  secondTraceId: string;
  assessmentId: string;
  datasetId: string;
  recordId: string;
  scorerId: string;
  schemaId: string;
  queueId: string;
  issueId: string;
  secretId: string;
  definitionId: string;
  endpointId: string;
  guardrailId: string;
  budgetId: string;
  mcpEndpointId: string;
}

export const NAMES = {
  experiment: 'trials',
  run: 'first-run',
  loggedModel: 'net',
  registeredModel: 'registered-net',
  prompt: 'greeting',
  dataset: 'questions',
  scorer: 'brief',
  schema: 'tone',
  queue: 'to-review',
  endpoint: 'chat',
  mcpServer: 'io.example/tools',
  mcpVersion: '1.0.0',
  alias: 'champion',
  tag: 'team',
  metric: 'loss',
  /** In the run's artifacts and in the logged model's. */
  artifact: 'notes.txt',
} as const;

export const ARTIFACT_TEXT = 'some notes';

const TRACE_HEX = ['0123456789abcdef0123456789abcdef', '00112233445566778899aabbccddeeff'] as const;

/** Makes them by MLflow's own API, without the gateway. */
export async function createMlflowObjects(url: string): Promise<MlflowObjects> {
  const api = mlflowApi(url);
  const tracking = await createTrackingObjects(api);
  const { experimentId, runId, artifactRoot } = tracking;
  await registerModels(api, runId, artifactRoot.run);
  return {
    ...tracking,
    ...(await createTraces(api, experimentId)),
    ...(await createEvaluation(api, experimentId)),
    ...(await createGatewayObjects(api, experimentId)),
    ...(await createMcpServer(api)),
  };
}

type Answer = Record<string, unknown>;
type Api = ReturnType<typeof mlflowApi>;

function mlflowApi(url: string) {
  const send = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path} answers ${response.status}: ${text}`);
    return text;
  };
  const post = async (path: string, body: object, headers?: Record<string, string>) =>
    JSON.parse((await send('POST', path, body, headers)) || '{}') as Answer;
  return {
    send,
    v2: (path: string, body: object) => post(`/api/2.0/mlflow/${path}`, body),
    v3: (path: string, body: object) => post(`/api/3.0/mlflow/${path}`, body),
    post,
  };
}

/** A string at a path in an answer, as `run.info.run_id`. */
function text(answer: Answer, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Answer | undefined)?.[name], answer);
  assert.ok(typeof found === 'string' && found !== '', `no ${path} in ${JSON.stringify(answer)}`);
  return found;
}

async function createTrackingObjects(api: Api) {
  const experimentId = text(
    await api.v2('experiments/create', {
      name: NAMES.experiment,
      tags: [{ key: NAMES.tag, value: 'vision' }],
    }),
    'experiment_id',
  );
  const deletedExperimentId = text(await api.v2('experiments/create', { name: 'deleted' }), 'experiment_id');
  await api.v2('experiments/delete', { experiment_id: deletedExperimentId });
  const { runId, artifactUri } = await createRun(api, experimentId);
  const deletedRunId = text(await api.v2('runs/create', { experiment_id: experimentId }), 'run.info.run_id');
  await api.v2('runs/delete', { run_id: deletedRunId });
  const model = await api.v2('logged-models', {
    experiment_id: experimentId,
    name: NAMES.loggedModel,
    source_run_id: runId,
    params: [{ key: 'layers', value: '3' }],
    tags: [{ key: NAMES.tag, value: 'vision' }],
  });
  const artifactRoot = {
    run: artifactPath(artifactUri),
    model: artifactPath(text(model, 'model.info.artifact_uri')),
  };
  for (const root of Object.values(artifactRoot)) {
    await api.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${root}/${NAMES.artifact}`, ARTIFACT_TEXT);
  }
  const modelId = text(model, 'model.info.model_id');
  return { experimentId, deletedExperimentId, runId, deletedRunId, artifactRoot, modelId };
}

async function createRun(api: Api, experimentId: string) {
  const run = await api.v2('runs/create', {
    experiment_id: experimentId,
    run_name: NAMES.run,
    tags: [{ key: NAMES.tag, value: 'vision' }],
  });
  const runId = text(run, 'run.info.run_id');
  const metric = { key: NAMES.metric, value: 0.5, timestamp: 1_700_000_000_000, step: 0 };
  const params = [{ key: 'alpha', value: '0.5' }];
  await api.v2('runs/log-batch', { run_id: runId, metrics: [metric], params });
  const dataset = { name: 'train', digest: 'd1', source_type: 'local', source: '{"uri":"x"}' };
  await api.v2('runs/log-inputs', { run_id: runId, datasets: [{ dataset, tags: [] }] });
  return { runId, artifactUri: text(run, 'run.info.artifact_uri') };
}

/** `mlflow-artifacts:/1/2/artifacts` → `1/2/artifacts` */
function artifactPath(uri: string): string {
  return uri.replace(/^mlflow-artifacts:\/+/, '');
}

async function registerModels(api: Api, runId: string, artifactRoot: string): Promise<void> {
  const tag = { key: NAMES.tag, value: 'vision' };
  const name = NAMES.registeredModel;
  await api.v2('registered-models/create', { name, tags: [tag] });
  const source = `mlflow-artifacts:/${artifactRoot}`;
  await api.v2('model-versions/create', { name, source, run_id: runId, tags: [tag] });
  await api.v2('registered-models/alias', { name, alias: NAMES.alias, version: '1' });
  const isPrompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
  await api.v2('registered-models/create', { name: NAMES.prompt, tags: [isPrompt] });
  const prompt = [isPrompt, { key: 'mlflow.prompt.text', value: 'Hello {{name}}' }];
  await api.v2('model-versions/create', { name: NAMES.prompt, source: 'prompt-template', tags: prompt });
}

/** One span as OTLP has it in JSON; the trace's id in hexadecimal. */
export function otlpSpan(traceHex: string) {
  const span = {
    traceId: traceHex,
    spanId: '0123456789abcdef',
    name: 'answer',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  };
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
}

export const otlpHeaders = (experimentId: string) => ({
  'content-type': 'application/json',
  'x-mlflow-experiment-id': experimentId,
});

async function createTraces(api: Api, experimentId: string) {
  for (const hex of TRACE_HEX) await api.post('/v1/traces', otlpSpan(hex), otlpHeaders(experimentId));
  const [traceId, secondTraceId] = TRACE_HEX.map((hex) => `tr-${hex}`) as [string, string];
  const tag = { key: NAMES.tag, value: 'vision' };
  await api.send('PATCH', `/api/3.0/mlflow/traces/${traceId}/tags`, tag);
  const assessment = {
    assessment_name: 'good',
    source: { source_type: 'HUMAN', source_id: 'ada' },
    feedback: { value: true },
  };
  const created = await api.v3(`traces/${traceId}/assessments`, { assessment });
  return { traceId, secondTraceId, assessmentId: text(created, 'assessment.assessment_id') };
}

/** What MLflow has for judging the answers of models. */
async function createEvaluation(api: Api, experimentId: string) {
  const inExperiment = { experiment_id: experimentId };
  const dataset = await api.v3('datasets/create', {
    name: NAMES.dataset,
    experiment_ids: [experimentId],
    tags: JSON.stringify({ [NAMES.tag]: 'vision' }),
  });
  const datasetId = text(dataset, 'dataset.dataset_id');
  const records = JSON.stringify([{ inputs: { question: 'why' }, expectations: { answer: 'because' } }]);
  await api.v3(`datasets/${datasetId}/records`, { records });
  const scorer = { ...inExperiment, name: NAMES.scorer, serialized_scorer: SERIALIZED_SCORER };
  const scorerId = text(await api.v3('scorers/register', scorer), 'scorer_id');
  // When they are listed for the first time, MLflow adds a question of its own.
  await fetchJson(api, `/api/3.0/mlflow/label-schemas/list?experiment_id=${experimentId}`);
  const schema = { ...inExperiment, name: NAMES.schema, type: 'FEEDBACK', input: { text: {} } };
  const schemaId = text(await api.v3('label-schemas/create', schema), 'label_schema.schema_id');
  const queue = { ...inExperiment, name: NAMES.queue, queue_type: 'CUSTOM', users: ['ada'] };
  const queueId = text(await api.v3('review-queues/create', queue), 'review_queue.queue_id');
  const item = { queue_id: queueId, item_type: 'TRACE', item_ids: [`tr-${TRACE_HEX[0]}`] };
  await api.v3('review-queues/items/add', item);
  const issue = { ...inExperiment, name: 'slow', description: 'Answers are slow.' };
  const issueId = text(await api.v3('issues', issue), 'issue.issue_id');
  const listed = await fetchJson(api, `/api/3.0/mlflow/datasets/${datasetId}/records`);
  const [record] = JSON.parse(text(listed, 'records')) as { dataset_record_id: string }[];
  assert.ok(record);
  return { datasetId, recordId: record.dataset_record_id, scorerId, schemaId, queueId, issueId };
}

async function fetchJson(api: Api, path: string): Promise<Answer> {
  return JSON.parse(await api.send('GET', path, undefined)) as Answer;
}

/** As `scorers/register` takes it: a judge that is only kept, never asked. */
export const SERIALIZED_SCORER = JSON.stringify({
  name: NAMES.scorer,
  aggregations: [],
  is_session_level_scorer: false,
  mlflow_version: '3.17.2',
  serialization_version: 1,
  instructions_judge_pydantic_data: { model: 'openai:/gpt-4o', instructions: 'Is {{ outputs }} brief?' },
});

/** MLflow's AI gateway: an endpoint that leads to a provider who is never called. */
async function createGatewayObjects(api: Api, experimentId: string) {
  const secretId = text(
    await api.v3('gateway/secrets/create', {
      secret_name: 'provider',
      secret_value: { api_key: 'not-a-key' },
      provider: 'openai',
    }),
    'secret.secret_id',
  );
  const definition = { name: 'gpt', secret_id: secretId, provider: 'openai', model_name: 'gpt-4o' };
  const definitionId = text(
    await api.v3('gateway/model-definitions/create', definition),
    'model_definition.model_definition_id',
  );
  const model = { model_definition_id: definitionId, linkage_type: 'PRIMARY', weight: 1 };
  const endpoint = { name: NAMES.endpoint, model_configs: [model], experiment_id: experimentId };
  const endpointId = text(await api.v3('gateway/endpoints/create', endpoint), 'endpoint.endpoint_id');
  const budget = {
    budget_unit: 'USD',
    budget_amount: 5,
    duration: { unit: 'DAYS', value: 1 },
    target_scope: 'GLOBAL',
    budget_action: 'ALERT',
  };
  const budgetId = text(await api.v3('gateway/budgets/create', budget), 'budget_policy.budget_policy_id');
  return {
    secretId,
    definitionId,
    endpointId,
    budgetId,
    guardrailId: await createGuardrail(api, experimentId),
  };
}

async function createGuardrail(api: Api, experimentId: string): Promise<string> {
  const scorer = { experiment_id: experimentId, name: 'safe', serialized_scorer: SERIALIZED_SCORER };
  const scorerId = text(await api.v3('scorers/register', scorer), 'scorer_id');
  const guardrail = {
    name: 'safe',
    scorer_id: scorerId,
    scorer_version: 1,
    stage: 'BEFORE',
    action: 'VALIDATION',
  };
  return text(await api.v3('gateway/guardrails/create', guardrail), 'guardrail.guardrail_id');
}

async function createMcpServer(api: Api) {
  const { mcpServer: name, mcpVersion: version, alias, tag: key } = NAMES;
  await api.v3('mcp-servers', { name });
  await api.v3(`mcp-servers/${name}/versions`, { server_json: { name, version }, status: 'active' });
  await api.v3(`mcp-servers/${name}/aliases`, { alias, version });
  await api.v3(`mcp-servers/${name}/tags`, { key, value: 'vision' });
  await api.v3(`mcp-servers/${name}/versions/${version}/tags`, { key, value: 'vision' });
  const endpoint = { url: 'http://127.0.0.1:9/mcp', server_version: version };
  const created = await api.v3(`mcp-servers/${name}/endpoints`, endpoint);
  return { mcpEndpointId: text(created, 'id') };
}
