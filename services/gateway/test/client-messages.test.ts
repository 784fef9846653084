/** docs/troubleshooting/mlflow-errors.md shows what the stock MLflow client prints: here it does. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sharedMlflow } from '@hokusai/testing';
import { clientSituations, type Situation, type Situations } from './support/client-situations.ts';

const PAGE = join(import.meta.dirname, '../../../docs/troubleshooting/mlflow-errors.md');
const SCRIPT = join(import.meta.dirname, 'client-messages.py');

describe('the page on errors of MLflow’s client', function () {
  this.timeout(180_000);
  let situations: Situations;
  let printed: Map<string, string>;

  before(async () => {
    const { url, python } = await sharedMlflow();
    situations = await clientSituations(url, await newRun(url));
    const messages = await messagesOf(python, situations.all);
    printed = new Map(situations.all.map(({ title }, index) => [title, messages[index] ?? '']));
  });
  after(() => situations.close());

  it('has a section for each way to fail, and no other', () => {
    assert.deepEqual([...shownOn(PAGE).keys()].sort(), [...printed.keys()].sort());
  });

  it('shows what the client prints', () => {
    for (const [title, shown] of shownOn(PAGE))
      assert.match(printed.get(title) ?? '', patternOf(shown), title);
  });
});

/** The text blocks of the page by the titles of their sections. */
function shownOn(page: string): Map<string, string> {
  const blocks = readFileSync(page, 'utf8').matchAll(
    /^### ([^\n]+)\n(?:(?!^###? )[\s\S])*?^```text\n([\s\S]*?)\n```$/gm,
  );
  return new Map([...blocks].map(([, title = '', shown = '']) => [title, shown]));
}

/** `…` stands for anything, and a line may be broken anywhere between words. */
function patternOf(shown: string): RegExp {
  const parts = shown.split(/\s+/).map((word) =>
    word
      .split('…')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[\\s\\S]*?'),
  );
  return new RegExp(`^${parts.join('\\s+')}$`);
}

async function messagesOf(python: string, all: readonly Situation[]): Promise<string[]> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_PYTHON_REFRESH: 'quiet',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // One repetition shows how the client words what it has tried in vain; the default is seven, over four minutes.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
    MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: 'false',
  };
  const child = spawn(python, ['-W', 'ignore', SCRIPT], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(all.map(({ env: ofUser, call }) => ({ env: ofUser, call }))));
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  assert.equal(code, 0, errors);
  return JSON.parse(out) as string[];
}

async function newRun(url: string): Promise<string> {
  const response = await fetch(`${url}/api/2.0/mlflow/runs/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_id: '0' }),
  });
  const { run } = (await response.json()) as { run: { info: { run_id: string } } };
  return run.info.run_id;
}
