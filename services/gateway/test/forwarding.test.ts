/** What reaches the upstream of a request, and the client of an answer. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('forwarding', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      outgoing.setHeader('Content-Type', 'application/json');
      incoming.pipe(outgoing);
    });
    gateway = await startGateway({ upstreamUrl: upstream.url });
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  it('passes a POST on', async () => {
    const response = await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/create?a=%7e`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key.key}` },
      body: '{"a":1}',
    });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '{"a":1}');
    const got = upstream.requests.at(-1);
    assert.equal(got?.url, '/api/2.0/mlflow/runs/create?a=%7e');
  });
});
