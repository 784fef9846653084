/** MLflow's UI in a real browser, with the key as password; and what a page of another site can do with it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Dump, eventually, type MlflowContents, mlflowContents } from '@hokusai/testing';
import type { Page } from 'playwright-core';
import { FOREIGN_HOST, findChromium, launchBrowser, type TestBrowser } from './support/browser.ts';
import { queryRows } from './support/query.ts';
import { type CreatedKey, call, createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const ARTIFACT_TEXT = 'the text of an artifact';
const RUN_NAME = 'run-for-the-browser';
/** It loads some megabytes of scripts. */
const UI_TIMEOUT_MS = 60_000;

describe('a browser that has been given a key as password', function () {
  this.timeout(300_000);
  let stack: Stack;
  let mlflow: string;
  let key: CreatedKey;
  let run: { experimentId: string; runId: string };
  let executable: string;
  let browser: TestBrowser;
  let page: Page;

  before(async function () {
    try {
      executable = findChromium(process.env);
    } catch (error) {
      if (process.env['CI']) throw error;
      process.stderr.write(`Skipped: ${(error as Error).message}\n`);
      this.skip();
    }
    stack = await sharedStack();
    mlflow = `${stack.gatewayUrl}/mlflow`;
    const scopes = ['mlflow:read', 'mlflow:write', 'mlflow:invoke'];
    key = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'browser', scopes });
    run = await createRun(stack.gatewayUrl, key.key);
    browser = await launchBrowser(executable, { username: 'ada', password: key.key });
    browser.context.setDefaultTimeout(UI_TIMEOUT_MS);
    page = await browser.context.newPage();
  });
  after(() => browser?.[Symbol.asyncDispose]());

  it("lists a run in MLflow's UI and shows its artifact", async () => {
    const { experimentId, runId } = run;
    const opened = await page.goto(`${mlflow}/#/experiments/${experimentId}/runs`);
    assert.equal(opened?.status(), 200);
    await page.getByText(RUN_NAME).first().waitFor();
    await page.goto(`${mlflow}/#/experiments/${experimentId}/runs/${runId}/artifacts/notes.txt`);
    await page.getByText(ARTIFACT_TEXT).first().waitFor();
  });

  it('shows nothing without it', async () => {
    await using stranger = await launchBrowser(executable);
    const answer = (await stranger.context.newPage()).goto(`${mlflow}/`);
    await assert.rejects(answer, /ERR_INVALID_AUTH_CREDENTIALS/);
  });

  const CREATE = 'ajax-api/2.0/mlflow/experiments/create';
  const SEARCH = 'ajax-api/2.0/mlflow/experiments/search';
  const UPLOAD = 'ajax-api/2.0/mlflow/upload-artifact';
  const INVOKE = 'gateway/mlflow/v1/models';

  /** MLflow takes an upload whatever its Content-Type, so that no browser asks first whether it may. */
  const uploadUrl = () => `${mlflow}/${UPLOAD}?run_uuid=${run.runId}&path=uploaded.txt`;

  interface Counted {
    method: string;
    status_code: number;
    refusal: string | null;
  }
  const countedSoFar = async (endpoint: string) =>
    (await queryRows(stack.env['USAGE_DATABASE_URL'], USAGE_ROWS, [
      key.id,
      `/${endpoint}`,
    ])) as unknown as Counted[];

  /** What the gateway counts for this key on an endpoint while something is done: the browser has sent the key. */
  async function countedDuring(endpoint: string, act: () => Promise<unknown>): Promise<Counted[]> {
    const before = await countedSoFar(endpoint);
    await act();
    return await eventually(async () => {
      const counted = (await countedSoFar(endpoint)).slice(before.length);
      assert.notEqual(counted.length, 0, `the browser has sent no key to ${endpoint}`);
      return counted;
    });
  }

  const elsewhere = [
    { name: 'of another site', host: FOREIGN_HOST },
    { name: 'of the same host, at another port', host: '127.0.0.1' },
  ];
  for (const { name, host } of elsewhere) {
    describe(`and then opens a page ${name}`, () => {
      let site: Server;
      /** What the site answers, whatever is asked. */
      let html = '';
      let contents: MlflowContents;
      let stored: Dump;

      before(async () => {
        site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
        await once(site.listen(0, '127.0.0.1'), 'listening');
        contents = mlflowContents(join(stack.home, 'data/mlflow'));
      });
      after(() => {
        contents?.[Symbol.dispose]();
        site?.close();
      });
      beforeEach(async () => {
        // Here the browser learns the password.
        assert.equal((await page.goto(`${mlflow}/`))?.status(), 200);
        stored = contents.dump();
      });
      afterEach(() => assert.deepEqual(contents.dump(), stored));

      const visit = async (content: string) => {
        html = `<!doctype html><title>elsewhere</title>${content}`;
        await page.goto(`http://${host}:${(site.address() as AddressInfo).port}/`);
      };
      const refused = (method: string) => [{ method, status_code: 403, refusal: 'foreign_origin' }];

      it('sends the key along where the page asks for an image, which changes nothing', async () => {
        const counted = await countedDuring(SEARCH, () =>
          visit(`<img src="${mlflow}/${SEARCH}?max_results=1">`),
        );
        assert.deepEqual(counted, [{ method: 'GET', status_code: 200, refusal: null }]);
      });

      it('is refused what an image would spend', async () => {
        const counted = await countedDuring(INVOKE, () => visit(`<img src="${mlflow}/${INVOKE}">`));
        assert.deepEqual(counted, refused('GET'));
      });

      it('is refused what a form would create', async () => {
        // What a form sends as text/plain is name=value: with such a name and value it is JSON.
        const form = formTo(`${mlflow}/${CREATE}`, `{"name":"forged","x":"`, `"}`);
        assert.deepEqual(await countedDuring(CREATE, () => visit(form)), refused('POST'));
      });

      it('is refused what a form would upload', async () => {
        const form = formTo(uploadUrl(), 'forged', '');
        assert.deepEqual(await countedDuring(UPLOAD, () => visit(form)), refused('POST'));
      });

      it('is refused what a script would upload', async () => {
        const options = `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: 'forged' }`;
        const script = `<script>fetch('${uploadUrl()}', ${options})</script>`;
        assert.deepEqual(await countedDuring(UPLOAD, () => visit(script)), refused('POST'));
      });
    });
  }

  describe("and then stays on MLflow's page", () => {
    it('is let upload the same', async () => {
      await page.goto(`${mlflow}/`);
      using contents = mlflowContents(join(stack.home, 'data/mlflow'));
      const stored = contents.dump();
      const status = await page.evaluate(
        async (url) => (await fetch(url, { method: 'POST', body: 'not forged' })).status,
        uploadUrl(),
      );
      assert.equal(status, 200);
      assert.notDeepEqual(contents.dump(), stored);
    });
  });
});

/** A page that sends a form at once. */
function formTo(url: string, name: string, value: string): string {
  const form = `<form method="post" enctype="text/plain" action="${url}"><input name='${name}' value='${value}'></form>`;
  return `${form}<script>document.forms[0].submit()</script>`;
}

const USAGE_ROWS = `select method, status_code, refusal from api_key_usage
  where api_key_id = $1 and endpoint = $2 order by timestamp`;

async function createRun(gatewayUrl: string, key: string) {
  const api = async (path: string, body: object) => {
    const answer = await call(gatewayUrl, key, 'POST', `/mlflow/api/2.0/mlflow/${path}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const { experiment_id: experimentId } = await api('experiments/create', { name: 'for the browser' });
  const created = { experiment_id: experimentId, run_name: RUN_NAME };
  const { run } = (await api('runs/create', created)) as { run: { info: { run_id: string } } };
  const runId = run.info.run_id;
  const path = `/mlflow/api/2.0/mlflow-artifacts/artifacts/${String(experimentId)}/${runId}/artifacts/notes.txt`;
  const stored = await fetch(gatewayUrl + path, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}` },
    body: ARTIFACT_TEXT,
  });
  assert.equal(stored.status, 200, await stored.text());
  return { experimentId: String(experimentId), runId };
}
