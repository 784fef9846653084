/** What is wrong on the way, and with what answers at its end. */
import { cutOff, drip, hang, html, json, redirect, refusal, reset, text } from '../doctor-gateway.ts';
import { type Situation, uri, VERSION } from './situation.ts';

const noGateway = { [VERSION]: text(404, 'Not Found') };

export const network: readonly Situation[] = [
  {
    name: 'the host has no address',
    env: uri('http://no-such-host.invalid/mlflow'),
    checks: { dns: 'failed' },
    failure: 'unavailable',
    says: { dns: /no-such-host\.invalid has no address/ },
  },
  {
    name: 'nothing listens at the port',
    env: uri('http://127.0.0.1:1/mlflow'),
    checks: { tcp: 'failed' },
    failure: 'unavailable',
    says: { tcp: /takes no connection/ },
  },
  {
    name: 'the server speaks plain HTTP',
    env: ({ port }) => ({ MLFLOW_TRACKING_URI: `https://127.0.0.1:${port}/mlflow` }),
    checks: { tls: 'failed' },
    failure: 'configuration',
    says: {
      tls: /:\d+ speaks plain HTTP, not TLS, .*\n.*another port.*\n.*set MLFLOW_TRACKING_URI to http:\/\/127\.0\.0\.1:\d+\/mlflow;/,
    },
  },
  {
    name: 'the server never answers',
    answers: { 'GET /': hang },
    args: () => ['--timeout', '1'],
    checks: { gateway: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'the server answers without end',
    answers: { 'GET /': drip },
    args: () => ['--timeout', '1'],
    checks: { gateway: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'MLflow takes an artifact, and answers without end',
    answers: { 'PUT /': drip },
    args: () => ['--timeout', '1'],
    checks: { artifacts: 'failed' },
    failure: 'unavailable',
    says: { artifacts: /The upload of an artifact failed.*The run and its file are deleted again/ },
  },
  {
    name: 'the path of the address has letters that must be encoded',
    env: ({ url }) => ({ MLFLOW_TRACKING_URI: `${url}/é ü/mlflow` }),
    checks: { mlflow: 'failed' },
    failure: 'configuration',
    says: { configuration: /\/%C3%A9%20%C3%BC\/mlflow/ },
  },
  {
    name: 'the server resets connections',
    answers: { 'GET /': reset },
    checks: { gateway: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'the answer is cut off',
    answers: { 'GET /': cutOff },
    checks: { gateway: 'failed' },
    failure: 'unavailable',
  },
];

export const servers: readonly Situation[] = [
  {
    name: 'a web page answers',
    answers: { 'GET /': html },
    checks: { gateway: 'failed' },
    failure: 'configuration',
    says: { gateway: /Neither a Hokusai gateway nor MLflow.*sign-in page/s },
  },
  {
    name: 'a proxy has no server behind it',
    answers: { 'GET /': text(503, '<html>nginx</html>') },
    checks: { gateway: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'the server redirects',
    answers: { 'GET /': redirect('https://gateway.example/mlflow/version') },
    checks: { gateway: 'failed' },
    failure: 'configuration',
    says: { gateway: /gateway\.example/ },
  },
  {
    name: "the address is the gateway's own",
    env: ({ url }) => ({ MLFLOW_TRACKING_URI: url }),
    checks: { gateway: 'failed' },
    failure: 'configuration',
    says: { gateway: /Set MLFLOW_TRACKING_URI to http:\/\/127\.0\.0\.1:\d+\/mlflow/ },
  },
  {
    name: 'there is no gateway before MLflow',
    answers: noGateway,
    checks: { gateway: 'warning', key: 'skipped', expiry: 'skipped', scopes: 'skipped', bypass: 'skipped' },
    says: { gateway: /MLflow 3\.17\.2 itself answers/ },
  },
  {
    name: 'the clocks differ',
    answers: {
      [VERSION]: json(
        200,
        { service: 'hokusai-gateway', version: '9.8.7' },
        { date: new Date(Date.now() + 3_600_000).toUTCString() },
      ),
    },
    checks: { clock: 'warning' },
    says: { clock: /behind the server's.*NTP/s },
  },
  {
    name: 'MLflow is away',
    answers: { 'GET /mlflow/version': refusal(503, 'upstream_unreachable', 'MLflow takes no connections.') },
    checks: { mlflow: 'failed' },
    failure: 'unavailable',
    says: { mlflow: /MLflow takes no connections/ },
  },
  {
    name: 'MLflow is not healthy',
    answers: { 'GET /mlflow/health': text(500, 'no') },
    checks: { mlflow: 'failed' },
    failure: 'unavailable',
  },
  {
    name: 'something else stands behind the gateway',
    answers: { 'GET /mlflow/version': html },
    checks: { mlflow: 'failed' },
    failure: 'configuration',
  },
  {
    name: 'MLflow is an old one',
    answers: { 'GET /mlflow/version': text(200, '1.30.0') },
    checks: { mlflow: 'warning' },
  },
  {
    name: 'MLflow can be reached past the gateway',
    args: ({ url }) => ['--direct', `${url}/mlflow`],
    checks: { bypass: 'warning' },
    says: { bypass: /MLflow 3\.17\.2 answers past the gateway/ },
  },
  {
    name: 'the direct address is none',
    args: () => ['--direct', 'mlflow:5000'],
    checks: { bypass: 'failed' },
    failure: 'configuration',
  },
];
