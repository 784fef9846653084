/** What is wrong with the key. */
import { json, refusal, text, whoami } from '../doctor-gateway.ts';
import { OTHER_KEY, type Situation, token, VERSION, WHOAMI } from './situation.ts';

const PAIR = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'hidden-word' };
const ENCODED = Buffer.from('ada:hidden-word').toString('base64');
const RUNS = 'POST /mlflow/api/2.0/mlflow/runs/create';
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

export const keys: readonly Situation[] = [
  {
    name: 'there is no key',
    env: () => ({ MLFLOW_TRACKING_TOKEN: '' }),
    checks: { key: 'failed' },
    failure: 'configuration',
    says: { key: /none is configured.*MLFLOW_TRACKING_TOKEN/s },
  },
  {
    name: 'the gateway does not know the key, and repeats it',
    env: token(OTHER_KEY),
    checks: { key: 'failed' },
    failure: 'unauthenticated',
    says: { key: /No key begins with hk_live_CALLER000000….*MLFLOW_TRACKING_TOKEN/s },
  },
  {
    name: "it is another server's token",
    env: token('somebody-elses-token'),
    checks: { key: 'failed' },
    failure: 'unauthenticated',
  },
  {
    name: 'a server repeats a password, and the header that it came in',
    env: () => ({ ...PAIR, MLFLOW_TRACKING_TOKEN: '' }),
    answers: {
      [VERSION]: text(404, 'Not Found'),
      [RUNS]: json(400, { message: `${PAIR.MLFLOW_TRACKING_PASSWORD}? Basic ${ENCODED}?` }),
    },
    checks: {
      ...{ gateway: 'warning', key: 'skipped', expiry: 'skipped', scopes: 'skipped', bypass: 'skipped' },
      artifacts: 'failed',
    },
    failure: 'incomplete',
    says: { artifacts: /…\? Basic …\?/ },
  },
  {
    name: 'the key was revoked',
    answers: { [WHOAMI]: refusal(403, 'key_revoked', 'The API key hk_live_CALLER000000 was revoked.') },
    checks: { key: 'failed' },
    failure: 'forbidden',
    says: { key: /was revoked/ },
  },
  {
    name: 'too many wrong keys came from here',
    answers: { [WHOAMI]: refusal(429, 'auth_failures_limited', 'Too many wrong keys.') },
    checks: { key: 'failed' },
    failure: 'rate_limited',
  },
  {
    name: 'the gateway can not look keys up',
    answers: { [WHOAMI]: refusal(503, 'keys_unavailable', 'The keys service is away.') },
    checks: { key: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'the gateway is of another kind',
    answers: { [WHOAMI]: json(200, { id: 1 }) },
    checks: { key: 'failed' },
    failure: 'incomplete',
  },
  {
    name: 'the limit is used up',
    answers: { [WHOAMI]: whoami({}, { 'x-ratelimit-remaining': '0' }) },
    checks: { key: 'warning' },
    says: { key: /used up its limit of 20000/ },
  },
  {
    name: 'the key expires soon',
    answers: { [WHOAMI]: whoami({ expires_at: inDays(3) }) },
    checks: { expiry: 'warning' },
    says: { expiry: /expires at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/ },
  },
  { name: 'the key expires later', answers: { [WHOAMI]: whoami({ expires_at: inDays(90) }) }, checks: {} },
  {
    name: 'the key was rotated',
    answers: { [WHOAMI]: whoami({ secret_valid_until: inDays(1) }) },
    checks: { expiry: 'warning' },
    says: { expiry: /was rotated/ },
  },
  {
    name: 'the key may only read',
    answers: { [WHOAMI]: whoami({ scopes: ['mlflow:read'] }) },
    checks: { scopes: 'warning', artifacts: 'skipped' },
    says: { scopes: /can't log runs.*mlflow:write/s, artifacts: /lacks the scope mlflow:write/ },
  },
  {
    name: 'the key may do nothing with MLflow',
    answers: { [WHOAMI]: whoami({ scopes: ['keys:read'] }) },
    checks: { scopes: 'failed' },
    failure: 'forbidden',
  },
  {
    name: 'the key may not delete',
    answers: { [WHOAMI]: whoami({ scopes: ['mlflow:read', 'mlflow:write'] }) },
    checks: {},
    says: { artifacts: /Run r1 of experiment hokusai-doctor stays/ },
  },
];
