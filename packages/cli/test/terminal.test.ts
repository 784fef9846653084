/** The command on a terminal: tables that fit, colours, questions. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { hokusaiOnTerminal, temporaryFolder } from './support/command.ts';
import { answer, type FakeGateway, startFakeGateway } from './support/fake-gateway.ts';
import {
  CALLER_KEY,
  KEY_ID,
  keyJson,
  newKeyJson,
  OLD_PREFIX,
  PLAINTEXT,
  revokedKeyJson,
  USER_ID,
  userJson,
  whoamiJson,
} from './support/samples.ts';

const ESCAPE = '\u001b';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('on a terminal', () => {
  let gateway: FakeGateway;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  beforeEach(async () => {
    gateway = await startFakeGateway();
    folder = await temporaryFolder();
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY, XDG_CONFIG_HOME: folder.path };
  });
  afterEach(async () => {
    await gateway.close();
    await folder.remove();
  });

  const methods = () => gateway.asked.map(({ method }) => method);

  it('a table fits, whatever the width, and keeps ids whole', async () => {
    const name = '模型 registry of everything that was ever trained here';
    const keys = [keyJson({ name, scopes: ['mlflow:read', 'mlflow:write', 'mlflow:delete'] }), keyJson()];
    gateway.reply(answer(200, { data: keys, next_cursor: null }));
    for (const columns of [40, 80, 120, 250]) {
      const terminal = hokusaiOnTerminal(['auth', 'list-keys'], { env, columns });
      assert.equal(await terminal.ended, 0);
      const lines = stripVTControlCharacters(terminal.screen()).trim().split(/\r?\n/);
      for (const line of lines) assert.ok([...line].length <= Math.max(columns, 48), `${columns}: ${line}`);
      assert.equal(lines.filter((line) => line.includes(KEY_ID)).length, 2);
      assert.equal(lines.join(' ').includes('ever trained here'), columns === 250 || columns === 40);
    }
  });

  it('there are colours, unless NO_COLOR is set', async () => {
    gateway.reply(answer(200, { data: [keyJson()], next_cursor: null }));
    const coloured = hokusaiOnTerminal(['auth', 'list-keys'], { env });
    await coloured.ended;
    assert.ok(coloured.screen().includes(`${ESCAPE}[32mactive`));
    const plain = hokusaiOnTerminal(['auth', 'list-keys'], { env: { ...env, NO_COLOR: '1' } });
    await plain.ended;
    assert.ok(!plain.screen().includes(ESCAPE), plain.screen());
  });

  for (const { args, question, reply } of [
    { args: ['auth', 'revoke-key', KEY_ID], question: 'Revoke the key "ci"', reply: revokedKeyJson() },
    {
      args: ['auth', 'rotate-key', KEY_ID, '--grace', '0'],
      question: 'Rotate the key "ci"',
      reply: newKeyJson(),
    },
    {
      args: ['auth', 'end-grace', KEY_ID, OLD_PREFIX],
      question: `Stop the retired secret ${OLD_PREFIX}`,
      reply: keyJson(),
    },
    { args: ['users', 'disable', USER_ID], question: 'Disable the user "Ada"', reply: userJson() },
  ]) {
    it(`${args[1]} asks first, and does it on yes`, async () => {
      const shown = args[0] === 'users' ? userJson() : keyJson();
      gateway.reply(...(args[1] === 'end-grace' ? [] : [answer(200, shown)]), answer(200, reply));
      const terminal = hokusaiOnTerminal(args, { env });
      await terminal.shows('[y/N]');
      assert.ok(terminal.screen().includes(question), terminal.screen());
      assert.ok(!methods().some((method) => method !== 'GET'));
      terminal.type('y\n');
      assert.equal(await terminal.ended, 0, terminal.screen());
      assert.equal(methods().filter((method) => method !== 'GET').length, 1);
    });

    for (const refusal of ['\n', 'n\n', CTRL_C, CTRL_D]) {
      it(`${args[1]} does nothing on ${JSON.stringify(refusal)}`, async () => {
        gateway.reply(answer(200, args[0] === 'users' ? userJson() : keyJson()));
        const terminal = hokusaiOnTerminal(args, { env });
        await terminal.shows('[y/N]');
        terminal.type(refusal);
        assert.equal(await terminal.ended, 130, terminal.screen());
        assert.match(terminal.screen(), /Cancelled/);
        assert.ok(!methods().some((method) => method !== 'GET'));
      });
    }
  }

  it('says before the key that is used is rotated without grace that there is no second try', async () => {
    gateway.reply(answer(200, keyJson({ key_prefix: CALLER_KEY.slice(0, 20) })));
    const terminal = hokusaiOnTerminal(['auth', 'rotate-key', KEY_ID, '--grace', '0'], { env, columns: 250 });
    await terminal.shows('[y/N]');
    assert.match(terminal.screen(), /It is the one that you call with: --grace 1h leaves you a second try/);
    terminal.type('n\n');
    assert.equal(await terminal.ended, 130);
  });

  it('asks also where stdout is taken off, as KEY=$(…) does', async () => {
    gateway.reply(answer(200, keyJson()), answer(200, newKeyJson()));
    const stdoutFile = join(folder.path, 'stdout');
    const terminal = hokusaiOnTerminal(['auth', 'rotate-key', KEY_ID, '--grace', '0'], { env, stdoutFile });
    await terminal.shows('[y/N]');
    terminal.type('yes\n');
    assert.equal(await terminal.ended, 0, terminal.screen());
    assert.equal(await readFile(stdoutFile, 'utf8'), `${PLAINTEXT}\n`);
    assert.ok(!terminal.screen().includes(PLAINTEXT));
  });

  it('the key of a login is typed unseen', async () => {
    gateway.reply(answer(200, whoamiJson()));
    const { HOKUSAI_API_KEY: _, ...withoutKey } = env;
    const terminal = hokusaiOnTerminal(['auth', 'login'], { env: withoutKey });
    await terminal.shows('API key for');
    // With a slip, taken back.
    terminal.type(`${CALLER_KEY}x\u007f\n`);
    assert.equal(await terminal.ended, 0, terminal.screen());
    assert.equal(gateway.asked[0]?.headers.authorization, `Bearer ${CALLER_KEY}`);
    assert.match(terminal.screen(), /Logged in at/);
    assert.ok(!terminal.screen().includes(CALLER_KEY.slice(20)));
  });

  it('Ctrl-C at a login ends it', async () => {
    const { HOKUSAI_API_KEY: _, ...withoutKey } = env;
    const terminal = hokusaiOnTerminal(['auth', 'login'], { env: withoutKey });
    await terminal.shows('API key for');
    terminal.type(CTRL_C);
    assert.equal(await terminal.ended, 130);
    assert.equal(gateway.asked.length, 0);
  });

  it('Ctrl-C while the gateway thinks ends it', async () => {
    const asked = new Promise<void>((resolve) => gateway.reply(() => resolve()));
    const terminal = hokusaiOnTerminal(['auth', 'create-key', '--name', 'ci'], { env });
    await asked;
    terminal.type(CTRL_C);
    assert.equal(await terminal.ended, 130);
    assert.match(terminal.screen(), /Cancelled\.\s+What was asked for may have been done/);
  });
});
