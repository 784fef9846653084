/** The commands about models, against a real MLflow server. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { hokusai, hokusaiOnTerminal, temporaryFolder } from './support/command.ts';
import { answer, startFakeGateway } from './support/fake-gateway.ts';
import { type MlflowGateway, startMlflowGateway } from './support/mlflow-gateway.ts';
import { CALLER_KEY } from './support/samples.ts';

const RUN_ID = /^[0-9a-f]{32}$/;

describe('hokusai models', function () {
  this.timeout(120_000);
  let gateway: MlflowGateway;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  before(async function () {
    this.timeout(300_000);
    gateway = await startMlflowGateway(CALLER_KEY);
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'model/weights'), { recursive: true });
    await mkdir(join(folder.path, 'empty/deeper'), { recursive: true });
    await writeFile(join(folder.path, 'model/config.json'), '{}');
    await writeFile(join(folder.path, 'model/weights/one.bin'), 'w'.repeat(1234));
  });
  after(async () => {
    await gateway.close();
    await folder.remove();
  });

  async function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const { code, stdout, stderr } = await hokusai(['models', ...args], { env, cwd: folder.path });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return { stdout, stderr };
  }

  async function json(...args: string[]) {
    return JSON.parse((await run(...args, '--json')).stdout);
  }

  async function fails(code: number, message: RegExp, ...args: string[]): Promise<string> {
    const ended = await hokusai(['models', ...args], { env, cwd: folder.path });
    assert.deepEqual([ended.code, ended.stdout], [code, ''], ended.stderr);
    assert.match(ended.stderr, message);
    return ended.stderr;
  }

  /** What MLflow has of a run. */
  async function runOf(runId: string): Promise<{ status: string; name: string; files: string[] }> {
    const { run: found } = (await askMlflow(`runs/get?run_id=${runId}`)) as {
      run: { info: { status: string; run_name: string } };
    };
    const { files = [] } = (await askMlflow(`artifacts/list?run_id=${runId}&path=model`)) as {
      files?: { path: string }[];
    };
    const { status, run_name: name } = found.info;
    return { status, name, files: files.map(({ path }) => path).sort() };
  }

  async function askMlflow(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${CALLER_KEY}` };
    return (await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/${path}`, { headers })).json();
  }

  it('refuses an alias that MLflow would not take before anything is uploaded', async () => {
    for (const alias of ['v1', 'Latest', 'a b', 'fine,a.b'])
      await fails(2, /alias|MLflow keeps/, 'register', 'unaliased', './model', '--alias', alias);
    assert.deepEqual((await json('list')).data, []);
    await fails(2, /MLflow keeps/, 'alias', 'set', 'unaliased', 'V2', '1');
  });

  it('registers a folder in a run that is made for it', async () => {
    const args = ['churn', './model', '--experiment', 'registration', '--description', 'first'];
    args.push('--tag', 'stage=trial', '--tag', 'team=a=b', '--alias', 'challenger,first');
    const { stdout, stderr } = await run('register', ...args, '--json');
    const version = JSON.parse(stdout);
    const { run_id: runId, source, created_at: createdAt, updated_at: _updatedAt, ...rest } = version;
    assert.deepEqual(rest, {
      name: 'churn',
      version: '1',
      status: 'READY',
      description: 'first',
      aliases: ['challenger', 'first'],
      tags: { stage: 'trial', team: 'a=b' },
    });
    assert.match(runId, RUN_ID);
    assert.match(source, /\/artifacts\/model$/);
    assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000, createdAt);
    assert.match(stderr, /Made the run [0-9a-f]{32} in the experiment "registration"\./);
    assert.match(stderr, /Uploaded 2 files, 1\.24 kB\./);
    assert.match(stderr, /Registered version 1 of "churn"\./);
    const files = ['model/config.json', 'model/weights'];
    assert.deepEqual(await runOf(runId), { status: 'FINISHED', name: 'churn', files });
  });

  it('registers one file, into a run that is there', async () => {
    const { run_id: runId } = await json('register', 'churn', './model', '--run-name', 'its own');
    assert.equal((await runOf(runId)).name, 'its own');
    const more = await json('register', 'churn', 'model/weights/one.bin', '--run', runId);
    assert.deepEqual([more.run_id, more.version], [runId, '3']);
    assert.deepEqual((await runOf(runId)).files, ['model/config.json', 'model/one.bin', 'model/weights']);
  });

  it('says where the id of a run is found, of one that there is not', async () => {
    await fails(6, /Take the id of the run from its page/, 'register', 'churn', '--run', '0'.repeat(32));
  });

  it('registers what a run holds, at a path of it', async () => {
    const { run_id: runId } = await json('show', 'churn', '1');
    const held = await json('register', 'weights', '--run', runId, '--artifact-path', 'model/weights');
    assert.deepEqual([held.version, held.run_id], ['1', runId]);
    assert.match(held.source, /\/model\/weights$/);
    await fails(
      6,
      /no artifacts at "elsewhere"/,
      'register',
      'none',
      '--run',
      runId,
      '--artifact-path',
      'elsewhere',
    );
    await fails(6, /none/, 'show', 'none');
    await fails(6, /\w/, 'register', 'none', '--run', 'f'.repeat(32));
  });

  it('lists models and versions, as tables and for scripts', async () => {
    const models = await json('list', '--name', 'chur');
    assert.deepEqual(
      models.data.map(({ name, aliases }: { name: string; aliases: object }) => [name, aliases]),
      [['churn', { challenger: '1', first: '1' }]],
    );
    assert.equal(models.has_more, false);
    assert.match(
      (await run('list')).stdout,
      /^NAME +ALIASES +DESCRIPTION +UPDATED\nchurn +challenger → 1, first → 1/,
    );

    const versions = await json('versions', 'churn', '--limit', '2');
    assert.deepEqual(
      versions.data.map(({ version }: { version: string }) => version),
      ['3', '2'],
    );
    assert.equal(versions.has_more, true);
    const table = await run('versions', 'churn', '--all');
    assert.match(
      table.stdout,
      /^VERSION +STATUS +ALIASES .*\n +3 +ready .*\n +2 .*\n +1 +ready +challenger, first/,
    );
    assert.match((await run('versions', 'churn', '--limit', '1')).stderr, /more versions than these 1/);
    const tagged = await json('versions', 'churn', '--filter', "tags.stage = 'trial'");
    assert.deepEqual(tagged.data.length, 1);
  });

  it('says that there is none, and of what there can be none', async () => {
    const none = await run('list', '--name', 'no such "model"');
    assert.deepEqual([none.stdout, none.stderr], ['', 'No models.\n']);
    await fails(6, /no such model/, 'versions', 'no such model');
    assert.equal((await run('versions', 'churn', '--filter', "tags.stage = 'x'")).stderr, 'No versions.\n');
    assert.match(await fails(8, /./, 'list', '--filter', 'nonsense ='), /error: /);
  });

  it('downloads a version, by its number and by an alias', async () => {
    const { stdout, stderr } = await run('download', 'churn', '@first', './downloaded', '--json');
    assert.deepEqual(
      JSON.parse(stdout).data.map(({ path, size }: { path: string; size: number }) => [path, size]),
      [
        ['config.json', 2],
        ['weights/one.bin', 1234],
      ],
    );
    assert.equal(stderr, 'Downloaded 2 files, 1.24 kB, into ./downloaded.\n');
    const weights = await readFile(join(folder.path, 'downloaded/weights/one.bin'), 'utf8');
    assert.equal(weights, 'w'.repeat(1234));
    assert.match(
      (await run('download', 'churn', '1', './downloaded')).stdout,
      /^FILE +SIZE.*\nconfig\.json +2 B/,
    );
  });

  it('says of what can not be downloaded why', async () => {
    await fails(6, /9/, 'download', 'churn', '9', './none');
    await fails(6, /nobody/, 'download', 'churn', '@nobody', './none');
    await fails(2, /Expected the number of a version, or @/, 'download', 'churn', 'first', './none');
    await fails(
      3,
      /\.\/model\/config\.json can't be written \(E\w+\)/,
      'download',
      'churn',
      '1',
      './model/config.json',
    );
  });

  it('moves an alias, and takes it away', async () => {
    const moved = await json('alias', 'set', 'churn', 'challenger', '2');
    assert.deepEqual([moved.version, moved.aliases], ['2', ['challenger']]);
    assert.equal((await json('show', 'churn', '@challenger')).version, '2');
    const { stderr } = await run('alias', 'delete', 'churn', 'challenger');
    assert.equal(stderr, '"churn" has no alias "challenger" any more.\n');
    await fails(6, /challenger/, 'show', 'churn', '@challenger');
    await fails(6, /9/, 'alias', 'set', 'churn', 'challenger', '9');
  });

  it('tags a version', async () => {
    assert.deepEqual((await json('tag', 'set', 'churn', '3', 'stage', 'final')).tags, { stage: 'final' });
    const { stdout, stderr } = await run('tag', 'delete', 'churn', '3', 'stage');
    assert.match(stdout, /^Name +churn\nVersion +3\nStatus +ready\nRun /);
    assert.equal(stderr, 'Version 3 of "churn" has no tag "stage" any more.\n');
  });

  it('shows a model, and writes into a file', async () => {
    const { stdout } = await run('show', 'churn');
    assert.match(stdout, /^Name +churn\nAliases +first → version 1\nCreated /);
    const path = join(folder.path, 'churn.json');
    await run('show', 'churn', '1', '--output', path);
    assert.equal(JSON.parse(await readFile(path, 'utf8')).tags.stage, 'trial');
  });

  it('fits a terminal', async () => {
    const terminal = hokusaiOnTerminal(['models', 'versions', 'churn'], { env, columns: 40 });
    assert.equal(await terminal.ended, 0, terminal.screen());
    const lines = stripVTControlCharacters(terminal.screen()).split('\n');
    for (const line of lines) assert.ok(line.trimEnd().length <= 40, line);
    assert.match(lines[0] ?? '', /^VERSION +STATUS +ALIASES/);
  });

  it('refuses what can not be registered, before anything is made', async () => {
    await fails(2, /There is nothing to register/, 'register', 'x');
    await fails(2, /nowhere can't be read \(ENOENT\)/, 'register', 'x', './nowhere');
    await fails(2, /There are no files in \.\/empty/, 'register', 'x', './empty');
    await fails(2, /without \/ and :/, 'register', 'a/b', './model');
    await fails(2, /Expected name=value/, 'register', 'x', './model', '--tag', 'stage');
    await fails(2, /cannot be used with/, 'register', 'x', './model', '--run', 'r', '--experiment', 'e');
    await fails(2, /whole number/, 'alias', 'set', 'churn', 'champion', 'two');
    await fails(2, /@champion/, 'show', 'churn', 'two');
    await fails(2, /both kinds of quotes/, 'list', '--name', `'"`);
    await fails(6, /\w/, 'show', 'x');
  });

  it('ends the run that it has made as failed, if it can not register', async () => {
    const stderr = await fails(8, /\.\./, 'register', 'x', './model', '--artifact-path', '../out');
    const [, runId = ''] = /Made the run ([0-9a-f]{32})/.exec(stderr) ?? [];
    assert.equal((await runOf(runId)).status, 'FAILED');
  });

  it("goes by its own address and key, whatever MLflow's variables say", async () => {
    const variables = {
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
      MLFLOW_TRACKING_USERNAME: 'ada',
      MLFLOW_TRACKING_PASSWORD: 'lovelace',
      HOKUSAI_MOCK_MODE: 'true',
    };
    const listed = await hokusai(['models', 'show', 'churn'], { env: { ...env, ...variables } });
    assert.equal(listed.code, 0, listed.stderr);
    const wrong = { ...env, MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' };
    const refused = await hokusai(['models', 'show', 'churn'], { env: wrong });
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /MLFLOW_HTTP_REQUEST_TIMEOUT/);
    const nobody = await hokusai(['models', 'list'], {
      env: { ...env, HOKUSAI_API_URL: 'http://127.0.0.1:9' },
    });
    assert.equal(nobody.code, 10, nobody.stderr);
    assert.match(nobody.stderr, /The address comes from HOKUSAI_API_URL/);
  });

  it('says whose key and which address it was', async () => {
    const asked = ['models', 'list'];
    const wrongKey = { ...env, HOKUSAI_API_KEY: CALLER_KEY.replace('b', 'c') };
    const refused = await hokusai(asked, { env: wrongKey });
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(
      refused.stderr,
      /The key hk_live_CALLER000000 comes from HOKUSAI_API_KEY, the address http:/,
    );
    assert.ok(!refused.stderr.includes(CALLER_KEY.slice(25)), refused.stderr);

    const elsewhere = await startFakeGateway();
    const of = { ...env, HOKUSAI_API_URL: elsewhere.url };
    const body = { error_code: 'PERMISSION_DENIED', message: 'It lacks the scope mlflow:read.' };
    elsewhere.reply(answer(403, body));
    const forbidden = await hokusai(asked, { env: of });
    assert.deepEqual(
      [forbidden.code, elsewhere.asked[0]?.headers.authorization],
      [5, `Bearer ${CALLER_KEY}`],
    );
    assert.match(forbidden.stderr, /mlflow:read.*\n.*hokusai auth whoami/);
    elsewhere.reply(answer(200, '<html>Sign in</html>', { 'content-type': 'text/html' }));
    const page = await hokusai(asked, { env: of });
    assert.equal(page.code, 3, page.stderr);
    assert.match(page.stderr, /comes from HOKUSAI_API_URL\. It is the gateway's own, without \/mlflow/);
    await elsewhere.close();
  });
});
