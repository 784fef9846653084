/** Generated requests: whatever is sent, the API answers as its description says, and never with a failure of its own. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type GeneratedRequest, requestsOf, withKnownId } from '../support/generated-requests.ts';
import { checkAnswer, type OpenApi, readOpenApi } from '../support/openapi.ts';
import { type RealApi, startRealApi } from '../support/real-api.ts';

/** As many requests as fit. */
const TIME_LIMIT_MS = 15_000;
const REQUESTS_LIMIT = 4000;

describe('the management API under generated requests', function () {
  this.timeout(90_000);
  let api: RealApi;
  let document: OpenApi;

  before(async () => {
    api = await startRealApi();
    document = await readOpenApi(api.url);
  });
  after(() => api?.close());

  function send(
    method: string,
    target: string,
    headers: Record<string, string>,
    body?: GeneratedRequest['body'],
  ) {
    return fetch(api.url + target, {
      method,
      headers: { ...headers, authorization: `Bearer ${api.adminKey}` },
      ...(body !== undefined && method !== 'GET' && { body: body as string }),
    });
  }

  async function made(path: string, fields: object): Promise<string> {
    const response = await send('POST', path, { 'content-type': 'application/json' }, JSON.stringify(fields));
    assert.equal(response.status, 201);
    return String(((await response.json()) as { id: string }).id);
  }

  it('answers as it says, with no 5xx', async () => {
    const makeKey = () => made('/api/v1/auth/keys', { name: 'generated' });
    const userId = await made('/api/v1/users', { display_name: 'generated' });
    let keyId = await makeKey();
    const counts = new Map<string, { served: number; refused: number }>();
    const property = fc.asyncProperty(requestsOf(document), async (request) => {
      const { operation } = request;
      const target = withKnownId(request, operation.path.startsWith('/api/v1/users') ? userId : keyId);
      const response = await send(operation.method, target, request.headers, request.body);
      await check(request, response);
      const count = counts.get(operation.id) ?? { served: 0, refused: 0 };
      count[response.ok ? 'served' : 'refused'] += 1;
      counts.set(operation.id, count);
      // Nothing more could be done with a revoked key, or with one that has its fill of secrets.
      if (operation.id === 'revokeKey' || operation.id === 'rotateKey') keyId = await makeKey();
    });
    await fc.assert(property, { numRuns: REQUESTS_LIMIT, interruptAfterTimeLimit: TIME_LIMIT_MS });
    assert.deepEqual([...counts.keys()].toSorted(), document.operations.map(({ id }) => id).toSorted());
    const served = [...counts.values()].filter((count) => count.served > 0);
    assert.ok(served.length > 5, 'hardly a request was right');
  });
});

async function check({ operation, body }: GeneratedRequest, response: Response): Promise<void> {
  const what = `${operation.id} answered ${response.status}`;
  assert.ok(response.status < 500, `${what}: ${await response.clone().text()}`);
  // Paths with dots or slashes in them lead elsewhere.
  if ([404, 405].includes(response.status)) await response.body?.cancel();
  else await checkAnswer(operation, response);
  if (response.ok && operation.body) assert.equal(operation.bodyProblem(parsed(body)), '');
}

/** What was accepted has to be JSON. */
function parsed(body: GeneratedRequest['body']): unknown {
  return body === undefined || body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString());
}
