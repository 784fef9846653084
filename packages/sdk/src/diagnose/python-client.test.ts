import assert from 'node:assert/strict';
import { pythonCredential } from './python-client.ts';

const NONE = { netrc: undefined, mlflowCredentials: undefined };
const PAIR = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'word' };
const TOKEN = { MLFLOW_TRACKING_TOKEN: 'token' };
const netrc = 'machine h login ada password from-netrc';
const mlflowCredentials =
  '[other]\nmlflow_tracking_password = x\n\n[mlflow]\nMLflow_Tracking_Username: bea\nmlflow_tracking_password=from-file\n';

describe('pythonCredential', () => {
  const sent = (env: Record<string, string>, files = {}, uri = 'https://h/mlflow') =>
    pythonCredential(uri, env, { ...NONE, ...files });

  it('goes through the places as the client and requests do', () => {
    const all = { ...PAIR, ...TOKEN };
    const files = { netrc, mlflowCredentials };
    assert.equal(
      sent({ ...all, MLFLOW_TRACKING_AWS_SIGV4: 'True' }, files).source,
      'MLFLOW_TRACKING_AWS_SIGV4',
    );
    assert.equal(sent({ ...all, MLFLOW_TRACKING_AUTH: 'x' }, files).source, 'MLFLOW_TRACKING_AUTH');
    assert.equal(sent(all, files, 'https://u:p%21@h/mlflow').secret, 'from-netrc');
    assert.equal(sent(all, { mlflowCredentials }, 'https://u:p%21@h/mlflow').secret, 'p!');
    assert.equal(sent(all, { mlflowCredentials }).secret, 'word');
    assert.equal(sent(TOKEN, { mlflowCredentials }).secret, 'from-file');
    assert.deepEqual(sent(TOKEN), { kind: 'bearer', source: 'MLFLOW_TRACKING_TOKEN', secret: 'token' });
    assert.equal(sent({ HOKUSAI_API_KEY: 'key' }).kind, 'none');
  });

  it('takes half of a pair from the file, and none without the other half', () => {
    const { kind, secret } = sent({ MLFLOW_TRACKING_PASSWORD: 'own', ...TOKEN }, { mlflowCredentials });
    assert.deepEqual([kind, secret], ['basic', 'own']);
    assert.equal(sent({ MLFLOW_TRACKING_PASSWORD: 'own', ...TOKEN }).kind, 'bearer');
  });
});
