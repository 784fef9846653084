import assert from 'node:assert/strict';
import { ownOrigins } from './own-origins.ts';

describe('ownOrigins', () => {
  it('writes them as browsers do', () => {
    assert.deepEqual(ownOrigins('http', '10.0.0.7', 8080), [
      ...['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080', 'http://10.0.0.7:8080'],
    ]);
    assert.ok(ownOrigins('http', '127.0.0.1', 80).includes('http://localhost'));
    assert.ok(ownOrigins('http', '2001:db8::1', 8080).includes('http://[2001:db8::1]:8080'));
    for (const origin of ownOrigins('http', '2001:db8::1', 80)) assert.equal(new URL(origin).origin, origin);
  });
});
