/** What is wrong with artifacts. */
import { json, refusal, text } from '../doctor-gateway.ts';
import { type Situation, VERSION } from './situation.ts';

const API = '/mlflow/api/2.0/mlflow';
const PUT = 'PUT /mlflow/api/2.0/mlflow-artifacts';
const GET = 'GET /mlflow/api/2.0/mlflow-artifacts';
const DELETE = 'DELETE /mlflow/api/2.0/mlflow-artifacts';

const NEW_EXPERIMENT = {
  [`GET ${API}/experiments/get-by-name`]: json(404, {
    error_code: 'RESOURCE_DOES_NOT_EXIST',
    message: 'No.',
  }),
  [`GET ${API}/experiments/get?`]: json(200, {
    experiment: { experiment_id: '8', name: 'hokusai-doctor', lifecycle_stage: 'active' },
  }),
  [`POST ${API}/experiments/create`]: json(200, { experiment_id: '8' }),
};

export const artifacts: readonly Situation[] = [
  { name: 'nothing is to be written', args: () => ['--read-only'], checks: { artifacts: 'skipped' } },
  {
    name: 'runs are refused',
    answers: { [`POST ${API}/runs/create`]: refusal(403, 'route_switched_off', 'Not here.') },
    checks: { artifacts: 'failed' },
    failure: 'forbidden',
  },
  {
    name: 'the experiment is new',
    answers: NEW_EXPERIMENT,
    checks: {},
  },
  {
    name: 'a password is a part of many words, and the experiment is new',
    env: () => ({ MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'E', MLFLOW_TRACKING_TOKEN: '' }),
    answers: { ...NEW_EXPERIMENT, [VERSION]: text(404, 'Not Found') },
    checks: { gateway: 'warning', key: 'skipped', expiry: 'skipped', scopes: 'skipped', bypass: 'skipped' },
  },
  {
    name: 'the experiment was deleted',
    answers: {
      [`GET ${API}/experiments/get-by-name`]: json(200, {
        experiment: { experiment_id: '7', name: 'hokusai-doctor', lifecycle_stage: 'deleted' },
      }),
      [`POST ${API}/experiments/restore`]: json(200, {}),
    },
    checks: {},
  },
  {
    name: 'artifacts go straight to a bucket',
    answers: {
      [`POST ${API}/runs/create`]: json(200, {
        run: {
          info: {
            run_id: 'r1',
            experiment_id: '7',
            run_name: 'doctor',
            status: 'RUNNING',
            start_time: 1,
            artifact_uri: 's3://bucket/7/r1',
            lifecycle_stage: 'active',
          },
          data: {},
        },
      }),
    },
    checks: { artifacts: 'skipped' },
    says: { artifacts: /--serve-artifacts/ },
  },
  {
    name: 'the upload fails',
    answers: { [PUT]: json(500, { error_code: 'INTERNAL_ERROR', message: 'The disk is full.' }) },
    checks: { artifacts: 'failed' },
    failure: 'unavailable',
    says: { artifacts: /The upload of an artifact failed: The disk is full/ },
  },
  {
    name: 'the download fails',
    answers: { [GET]: json(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Gone.' }) },
    checks: { artifacts: 'failed' },
    failure: 'configuration',
  },
  {
    name: 'other bytes come back',
    answers: { [GET]: text(200, 'cached') },
    checks: { artifacts: 'failed' },
    failure: 'incomplete',
    says: { artifacts: /6 came back, and not the same/ },
  },
  {
    name: 'the run can not be deleted',
    answers: {
      [DELETE]: refusal(503, 'overloaded', 'Later.'),
      [`POST ${API}/runs/delete`]: refusal(503, 'overloaded', 'Later.'),
    },
    checks: {},
    says: { artifacts: /could not be deleted again/ },
  },
];
