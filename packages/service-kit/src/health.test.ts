import assert from 'node:assert/strict';
import { checkHealth, startHealthServer } from './health.ts';

describe('health', () => {
  it('is ready when all dependencies answer, and names the one that does not', async () => {
    assert.deepEqual(await checkHealth({ a: async () => {} }), { ready: true, checks: { a: 'ok' } });
    const down = () => Promise.reject(new Error('connection refused'));
    assert.deepEqual(await checkHealth({ a: async () => {}, b: down }), {
      ready: false,
      checks: { a: 'ok', b: 'connection refused' },
    });
  });

  it('serves liveness apart from readiness', async () => {
    let up = false;
    const check = () => (up ? Promise.resolve() : Promise.reject(new Error('down')));
    const server = await startHealthServer({ host: '127.0.0.1', port: 0 }, { database: check });
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
    try {
      assert.deepEqual([await status('/livez'), await status('/readyz'), await status('/')], [200, 503, 404]);
      up = true;
      assert.equal(await status('/readyz?verbose'), 200);
    } finally {
      await server.close();
    }
  });

  it('serves metrics where there are any', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const metrics = { text: () => Promise.resolve('hokusai_test_total 1\n') };
    const [plain, measured] = [
      await startHealthServer(address, {}),
      await startHealthServer(address, {}, {}, metrics),
    ];
    try {
      const answers = [plain, measured].map(({ port }) => fetch(`http://127.0.0.1:${port}/metrics`));
      const [none, some] = (await Promise.all(answers)) as [Response, Response];
      assert.deepEqual([none.status, some.status], [404, 200]);
      assert.equal(some.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.equal(await some.text(), 'hokusai_test_total 1\n');
    } finally {
      await plain.close();
      await measured.close();
    }
  });

  it('goes on where metrics can not be told', async () => {
    const metrics = { text: () => Promise.reject(new Error('a worker is gone')) };
    const server = await startHealthServer({ host: '127.0.0.1', port: 0 }, {}, {}, metrics);
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
    try {
      assert.deepEqual([await status('/metrics'), await status('/livez')], [500, 200]);
    } finally {
      await server.close();
    }
  });
});
