/** What is set wrongly, or hides something else. */
import { refusal } from '../doctor-gateway.ts';
import { CALLER_KEY } from '../samples.ts';
import { OTHER_KEY, type Situation, token, uri, WHOAMI } from './situation.ts';

const BASIC = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'a plain password' };

export const configuration: readonly Situation[] = [
  { name: 'nothing is wrong', checks: {}, says: { key: /“admin” of Ada.*19987 of 20000/ } },
  {
    name: 'the address is no address',
    env: uri('gateway.example/mlflow'),
    checks: { configuration: 'failed' },
    failure: 'configuration',
  },
  {
    name: 'the address is a local folder',
    env: uri('file:///tmp/mlruns'),
    checks: { configuration: 'failed' },
    failure: 'configuration',
    says: { configuration: /MLFLOW_TRACKING_URI/ },
  },
  {
    name: 'the key stands in the address',
    env: ({ url }) => ({ MLFLOW_TRACKING_URI: `${url}/mlflow?api_key=${CALLER_KEY}` }),
    checks: { configuration: 'failed' },
    failure: 'configuration',
    says: { configuration: /MLFLOW_TRACKING_TOKEN/ },
  },
  {
    name: 'user and password stand in the address',
    env: ({ url }) => ({ MLFLOW_TRACKING_URI: `${url.replace('//', '//ada:hidden-word@')}/mlflow` }),
    checks: { configuration: 'failed' },
    failure: 'configuration',
    says: { configuration: /MLFLOW_TRACKING_USERNAME/ },
  },
  {
    name: 'half of a pair is set',
    env: () => ({ MLFLOW_TRACKING_USERNAME: 'ada' }),
    checks: { configuration: 'failed' },
    failure: 'configuration',
    says: { configuration: /MLFLOW_TRACKING_USERNAME is given without MLFLOW_TRACKING_PASSWORD/ },
  },
  {
    name: 'a number is none',
    env: () => ({ MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' }),
    checks: { configuration: 'failed' },
    failure: 'configuration',
    says: { configuration: /MLFLOW_HTTP_REQUEST_TIMEOUT/ },
  },
  ...[
    ['a line break', `${CALLER_KEY}\n`, /line break/],
    ['quotation marks', `"${CALLER_KEY}"`, /quotation marks/],
    ['too few characters', CALLER_KEY.slice(0, 40), /40 characters/],
    ['another beginning', CALLER_KEY.replace('live', 'prod'), /hk_live_ or hk_test_/],
    ['a sign that no key has', CALLER_KEY.replace(/b$/, '-'), /letters and digits/],
  ].map(([what, key, says]) => ({
    name: `the key has ${what}`,
    env: token(key as string),
    checks: { configuration: 'failed' } as const,
    failure: 'configuration' as const,
    says: { configuration: says as RegExp },
  })),
  {
    name: 'a Basic pair hides the token',
    env: () => BASIC,
    checks: { configuration: 'warning', key: 'failed' },
    failure: 'unauthenticated',
    says: { configuration: /goes before MLFLOW_TRACKING_TOKEN.*Unset MLFLOW_TRACKING_USERNAME/s },
  },
  {
    name: 'a password is a part of many words',
    env: () => ({ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'e' }),
    answers: { [WHOAMI]: refusal(401, 'unknown_key', 'No such key.') },
    checks: { configuration: 'warning', key: 'failed' },
    failure: 'unauthenticated',
    says: { configuration: /goes before MLFLOW_TRACKING_TOKEN, which holds something else/ },
  },
  {
    name: 'the key is the password of a pair',
    env: () => ({ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: CALLER_KEY }),
    checks: {},
    says: { configuration: /hk_live_CALLER000000 \(from MLFLOW_TRACKING_PASSWORD\)/ },
  },
  {
    name: 'the token hides another HOKUSAI_API_KEY',
    env: () => ({ HOKUSAI_API_KEY: OTHER_KEY }),
    checks: { configuration: 'warning' },
    says: { configuration: /MLFLOW_TRACKING_TOKEN goes before HOKUSAI_API_KEY/ },
  },
  {
    name: 'the key is in HOKUSAI_API_KEY only',
    env: () => ({ MLFLOW_TRACKING_TOKEN: '', HOKUSAI_API_KEY: CALLER_KEY }),
    checks: {},
    says: { configuration: /from HOKUSAI_API_KEY/ },
  },
  {
    name: '~/.netrc has an entry for the host',
    files: {
      '.netrc':
        'machine other.example login x password y\nmachine 127.0.0.1 login ada password hidden-word\n',
    },
    checks: { configuration: 'warning' },
    says: { configuration: /~\/\.netrc.*Remove the entry for 127\.0\.0\.1/s },
  },
  {
    name: '~/.netrc has a default entry',
    files: { '.netrc': 'default login ada password hidden-word\n' },
    checks: { configuration: 'warning' },
  },
  {
    name: '~/.netrc has entries for others only',
    files: { '.netrc': '# machine 127.0.0.1\nmachine other.example\n  login ada\n  password hidden-word\n' },
    checks: {},
  },
  {
    name: '~/.mlflow/credentials has a pair',
    files: {
      '.mlflow/credentials':
        '[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = hidden-word\n',
    },
    checks: { configuration: 'warning' },
    says: { configuration: /~\/\.mlflow\/credentials/ },
  },
  {
    name: 'an authentication plug-in replaces the header',
    env: () => ({ MLFLOW_TRACKING_AUTH: 'corporate' }),
    checks: { configuration: 'warning' },
    says: { configuration: /Unset MLFLOW_TRACKING_AUTH/ },
  },
  {
    name: 'a proxy is set',
    env: () => ({ HTTP_PROXY: 'http://ada:hidden-word@proxy.example:3128' }),
    checks: { configuration: 'warning' },
    says: { configuration: /HTTP_PROXY names the proxy proxy\.example:3128.*NO_PROXY/s },
  },
  {
    name: 'a proxy is set, but not for this host',
    env: () => ({ HTTP_PROXY: 'proxy.example:3128', NO_PROXY: 'example.org, 127.0.0.0/8' }),
    checks: {},
  },
  {
    name: 'certificates are not checked',
    env: () => ({ MLFLOW_TRACKING_INSECURE_TLS: 'true', REQUESTS_CA_BUNDLE: '/nowhere.pem' }),
    checks: { configuration: 'warning' },
    says: {
      configuration:
        /anybody on the way can pose as the server.*REQUESTS_CA_BUNDLE names a file that is not there/s,
    },
  },
  {
    name: 'mock mode is on',
    env: () => ({ HOKUSAI_MOCK_MODE: 'true' }),
    checks: { configuration: 'warning' },
    says: { configuration: /HOKUSAI_MOCK_MODE is on/ },
  },
];
