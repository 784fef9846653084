import assert from 'node:assert/strict';
import { InvalidRequestError } from '../errors/errors.ts';
import { endpointOf } from './location.ts';

describe('where the artifacts of a run are', () => {
  const endpoint = '/api/2.0/mlflow-artifacts/artifacts';
  for (const [uri, path] of [
    ['mlflow-artifacts:/1/abc/artifacts', '/1/abc/artifacts'],
    ['mlflow-artifacts:///1/abc/artifacts/', '/1/abc/artifacts'],
    ['mlflow-artifacts:/my folder/ü#?/artifacts', '/my%20folder/%C3%BC%23%3F/artifacts'],
  ] as const)
    it(`is below the tracking URI for ${uri}`, () => assert.equal(endpointOf(uri), endpoint + path));

  for (const [uri, place] of [
    ['s3://user:secret@bucket/1/abc', 'at s3:'],
    ['file:///srv/mlruns/1/abc', "in a folder of the server's machine"],
    ['/srv/mlruns/1/abc', "in a folder of the server's machine"],
    ['https://user:secret@elsewhere/api/2.0/mlflow-artifacts/artifacts/1', 'at https:'],
    ['mlflow-artifacts://elsewhere:5000/1/abc', 'on another server'],
    ['', "in a folder of the server's machine"],
  ] as const)
    it(`is out of reach for ${uri || 'none'}, and the error says what to do`, () => {
      assert.throws(
        () => endpointOf(uri),
        (error) => {
          assert(error instanceof InvalidRequestError);
          assert(error.message.includes(place), error.message);
          assert(!`${error.stack}`.includes('secret'));
          assert.match(error.advice.join('\n'), /--serve-artifacts/);
          return true;
        },
      );
    });
});
