import assert from 'node:assert/strict';
import { isRefusedBody } from './body-rule.ts';

describe('isRefusedBody', () => {
  it('refuses a body where MLflow would read arguments that nobody expects there', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      assert.ok(isRefusedBody(method, { 'content-length': '1' }));
      assert.ok(isRefusedBody(method, { 'content-length': '00010' }));
      assert.ok(isRefusedBody(method, { 'transfer-encoding': 'chunked' }));
      assert.ok(isRefusedBody(method, { 'content-length': '0', 'transfer-encoding': 'chunked' }));
      assert.ok(isRefusedBody(method, { 'content-length': '' }), 'what is no number is not zero');
    }
  });

  it('lets pass what has none, and methods that may have one', () => {
    assert.ok(!isRefusedBody('GET', {}));
    assert.ok(!isRefusedBody('GET', { 'content-length': '0' }));
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      assert.ok(!isRefusedBody(method, { 'content-length': '5' }));
  });
});
