import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { ConfigurationError } from '../errors/errors.ts';
import { type Environment, type ExperimentManagerConfig, resolveConfig } from './config.ts';

const SECRET = `hk_live_${'Ab1'.repeat(17).slice(0, 50)}`;

function problems(input: unknown, env: Environment = {}): readonly string[] {
  try {
    resolveConfig(input as ExperimentManagerConfig, env);
  } catch (error) {
    assert(error instanceof ConfigurationError);
    for (const problem of error.problems) assert(error.message.includes(problem));
    return error.problems;
  }
  return [];
}

describe('resolveConfig', () => {
  it('has a default for everything', () => {
    const config = resolveConfig({}, {});
    assert.deepEqual(config.describe(), {
      trackingUri: 'https://registry.hokus.ai/mlflow (default)',
      experimentName: 'none (default)',
      timeoutMs: '60000 (default)',
      maxRetries: '7 (default)',
      retryBudgetMs: '120000 (default)',
      maxRetryAfterMs: '60000 (default)',
      mockMode: 'false (default)',
      metricsBufferSize: '10000 (default)',
      metricsFlushMs: '1000 (default)',
      credentials: 'none (default)',
    });
  });

  it('takes the argument before the variable before the default', () => {
    const env = {
      MLFLOW_TRACKING_URI: 'http://from.env/mlflow/',
      MLFLOW_HTTP_REQUEST_TIMEOUT: '1.5',
      MLFLOW_EXPERIMENT_NAME: '',
      HOKUSAI_MOCK_MODE: 'True',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '3',
    };
    const config = resolveConfig({ maxRetries: 0, mockMode: false }, env);
    assert.equal(config.trackingUri.href, 'http://from.env/mlflow');
    assert.equal(config.timeoutMs, 1500);
    assert.deepEqual([config.maxRetries, config.mockMode, config.experimentName], [0, false, undefined]);
    assert.deepEqual(config.sources.timeoutMs, { variable: 'MLFLOW_HTTP_REQUEST_TIMEOUT' });
    assert.deepEqual(config.sources.maxRetries, 'argument');
    assert.equal(resolveConfig({}, env).mockMode, true);
  });

  it('keeps its own copy of the tracking URI', () => {
    const first = resolveConfig({}, {});
    first.trackingUri.pathname = '/elsewhere';
    assert.equal(resolveConfig({}, {}).trackingUri.pathname, '/mlflow');
  });

  it('names every problem at once, by the name that it was given under', () => {
    const found = problems(
      {
        trackingUri: 'sqlite:///mlflow.db',
        timeoutMs: -1,
        trackingURI: 'x',
        username: 'me',
        maxRetries: 1.5,
      },
      { HOKUSAI_MOCK_MODE: 'perhaps', HOKUSAI_RETRY_BUDGET_MS: '1e3', MLFLOW_TRACKING_TOKEN: 'a b' },
    );
    const names = found.map((problem) => problem.split(' ')[0]).sort();
    assert.deepEqual(names, [
      'HOKUSAI_MOCK_MODE',
      'HOKUSAI_RETRY_BUDGET_MS',
      'maxRetries',
      'timeoutMs',
      'trackingURI',
      'trackingUri',
      'username',
    ]);
  });

  const bad: [string, unknown, Environment, RegExp][] = [
    ['no address', { trackingUri: 'registry' }, {}, /trackingUri is no address; it must be one such as/],
    ['another scheme', {}, { MLFLOW_TRACKING_URI: 'databricks://x' }, /begins with databricks:/],
    ['a query', { trackingUri: 'http://h/?a=1' }, {}, /must end with its path/],
    ['a password in the address', { trackingUri: 'http://a:b@h/' }, {}, /holds a user name or password/],
    ['a key as address', { trackingUri: SECRET }, {}, /belongs in MLFLOW_TRACKING_TOKEN/],
    [
      'half a pair',
      {},
      { MLFLOW_TRACKING_PASSWORD: 'x' },
      /MLFLOW_TRACKING_PASSWORD is given without MLFLOW_TRACKING_USERNAME/,
    ],
    ['a colon', { username: 'a:b', password: 'c' }, {}, /username holds a colon/],
    ['a line break', { token: `${SECRET}\n` }, {}, /token holds a space, a line break/],
    ['two tokens', { token: 'a', apiKey: 'b' }, {}, /token and apiKey are both given/],
    ['a token that is no text', { token: 12 }, {}, /token must be text/],
    ['a time-out beyond a timer', { timeoutMs: 2 ** 31 }, {}, /timeoutMs is 2147483648/],
  ];
  for (const [what, input, env, expected] of bad)
    it(`refuses ${what}`, () => {
      const found = problems(input, env);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', expected);
    });

  it('repeats nothing of an address that it can not read', () => {
    for (const trackingUri of [
      'http://bob:pa/SECRET@host',
      'http//bob:SECRET@host',
      '//bob:SECRET@host',
      'http://bob:SEC RET@ho st',
      'https://h ost/?api_key=SECRET',
      'http://bob:p@SECRET@host:99999/',
    ])
      assert.doesNotMatch(problems({ trackingUri }).join(), /SEC|RET|bob/, trackingUri);
  });

  it('is not disturbed by half a pair in the environment when there is an argument', () => {
    const config = resolveConfig({ token: 'a' }, { MLFLOW_TRACKING_USERNAME: 'me' });
    assert.equal(config.credentials.authorization(), 'Bearer a');
  });
});

describe('credentials', () => {
  const variables = {
    MLFLOW_TRACKING_USERNAME: 'env-user',
    MLFLOW_TRACKING_PASSWORD: 'env-password',
    MLFLOW_TRACKING_TOKEN: 'env-token',
    HOKUSAI_API_KEY: 'env-key',
  };
  const argument = { username: 'user', password: 'pässword', token: 'token', apiKey: 'key' };

  const order: [Partial<typeof argument>, Partial<typeof variables>, string | undefined][] = [
    [
      { username: 'user', password: 'pässword', token: 'token' },
      variables,
      `Basic ${Buffer.from('user:pässword').toString('base64')}`,
    ],
    [{ token: 'token' }, variables, 'Bearer token'],
    [{ apiKey: 'key' }, variables, 'Bearer key'],
    [{}, variables, `Basic ${Buffer.from('env-user:env-password').toString('base64')}`],
    [{}, { MLFLOW_TRACKING_TOKEN: 'env-token', HOKUSAI_API_KEY: 'env-key' }, 'Bearer env-token'],
    [{}, { HOKUSAI_API_KEY: 'env-key' }, 'Bearer env-key'],
    [{}, {}, undefined],
  ];
  for (const [input, env, expected] of order)
    it(`of ${Object.keys(input)} and ${Object.keys(env)} are ${expected?.split(' ')[0] ?? 'none'}`, () => {
      assert.equal(resolveConfig(input, env).credentials.authorization(), expected);
    });

  it('are in nothing that shows the configuration, a problem, or a text about them', () => {
    const secret = fc.stringMatching(/^[!-9;-~]{12,60}$/).filter((text) => !/^[a-z (]+$/.test(text));
    fc.assert(
      fc.property(secret, fc.boolean(), (hidden, isBasic) => {
        const env = isBasic
          ? { MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: hidden }
          : { MLFLOW_TRACKING_TOKEN: hidden };
        const config = resolveConfig({}, env);
        const header = config.credentials.authorization() ?? '';
        const shown = [
          inspect(config, { depth: 9, showHidden: true }),
          JSON.stringify(config),
          `${config.credentials}`,
          JSON.stringify(config.describe()),
          config.credentials.redact(`it was ${header}, or ${hidden}`),
        ].join('\n');
        for (const part of [hidden, header.split(' ')[1] ?? hidden]) assert(!shown.includes(part), shown);
      }),
    );
  });

  it('that are short are hidden where they stand, and leave words that hold them', () => {
    const basic = (password: string) =>
      resolveConfig({ username: 'ada', password }, {}).credentials.redact(
        `a ${password} in "Basic ${Buffer.from(`ada:${password}`).toString('base64')}", ada:${password}, ` +
          `at https://ada:${password}@host/path; an average of ${password}s`,
      );
    assert.equal(basic('a'), 'a a in "Basic …", ada:…, at https://…@host/path; an average of as');
    assert.equal(basic('love'), 'a … in "Basic …", ada:…, at https://…@host/path; an average of loves');
    assert.equal(basic('.*'), 'a .* in "Basic …", ada:…, at https://…@host/path; an average of .*s');
    const token = (text: string) => resolveConfig({ token: 't' }, {}).credentials.redact(text);
    assert.equal(
      token('it told Bearer t (authorization: bearer  t)'),
      'it told Bearer … (authorization: bearer  …)',
    );
  });

  it('leave the public part of a key in a text, and no address its password', () => {
    const { credentials } = resolveConfig({}, {});
    assert.equal(credentials.redact(`of ${SECRET}.`), `of ${SECRET.slice(0, 20)}….`);
    assert.equal(
      credentials.redact('hk_live_Ab1Ab1Ab1Ab1 at http://a:b@host/p'),
      'hk_live_Ab1Ab1Ab1Ab1 at http://…@host/p',
    );
  });
});
