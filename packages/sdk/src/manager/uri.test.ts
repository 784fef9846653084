import assert from 'node:assert/strict';
import { appendToUri } from './uri.ts';

describe('the URI of an artifact', () => {
  it("is that of the run's artifacts with its path, before a query", () => {
    assert.equal(
      appendToUri('mlflow-artifacts:/1/a/artifacts', 'b c/ü'),
      'mlflow-artifacts:/1/a/artifacts/b c/ü',
    );
    assert.equal(appendToUri('s3://bucket/root/?region=x#y', 'model'), 's3://bucket/root/model?region=x#y');
    assert.equal(appendToUri('/local/path', 'model'), '/local/path/model');
    assert.equal(appendToUri('s3://bucket/root', ''), 's3://bucket/root');
  });
});
