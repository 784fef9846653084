/** The two doctors, in Node and in Python, for the same environment. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import type { DiagnosisReport } from '@hokusai/ml-platform';
import { createContext } from '../../src/context.ts';
import { run } from '../../src/run.ts';
import { createTerminal, type Streams } from '../../src/terminal.ts';

export const SCRIPT = join(import.meta.dirname, '../../../../scripts/test_mlflow_connection.py');

export interface Diagnosed {
  report: DiagnosisReport;
  code: number | null;
  /** Everything that was shown. */
  shown: string;
}

/** In this process: hundreds of commands would take long to start. */
export async function nodeDoctor(args: readonly string[], env: Record<string, string>): Promise<Diagnosed> {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const terminal = createTerminal(streams as unknown as Streams, env, signal);
  const context = createContext({ terminal, env, version: '0', now: Date.now, signal });
  const code = await run(['doctor', '--json', ...args], context);
  const [stdout, stderr] = [streams.stdout, streams.stderr].map((stream) => String(stream.read() ?? ''));
  return { report: JSON.parse(stdout ?? ''), code, shown: `${stdout}${stderr}` };
}

/** Runs the script's command again and again, in one process: to start one takes longer than to diagnose. */
const DRIVER = `
import contextlib, importlib.util, io, json, os, sys
spec = importlib.util.spec_from_file_location("doctor", sys.argv[1])
doctor = importlib.util.module_from_spec(spec)
sys.modules["doctor"] = doctor
spec.loader.exec_module(doctor)
for line in sys.stdin:
    asked = json.loads(line)
    os.environ.clear()
    os.environ.update(asked["env"])
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = doctor.main(asked["args"])
    print(json.dumps({"stdout": stdout.getvalue(), "stderr": stderr.getvalue(), "code": code}), flush=True)
`;

export interface PythonDoctor {
  diagnose(args: readonly string[], env: Record<string, string>): Promise<Diagnosed>;
  close(): Promise<void>;
}

export function startPythonDoctor(python: string): PythonDoctor {
  const child = spawn(python, ['-c', DRIVER, SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async diagnose(args, env) {
      child.stdin.write(`${JSON.stringify({ args: ['--json', ...args], env })}\n`);
      const { value = '' } = await lines.next();
      const { stdout, stderr, code } = JSON.parse(value) as { stdout: string; stderr: string; code: number };
      return { report: JSON.parse(stdout), code, shown: `${stdout}${stderr}` };
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** As people start it. */
export async function pythonDoctor(
  python: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Diagnosed> {
  const { stdout, stderr, code } = await promisify(execFile)(python, [SCRIPT, '--json', ...args], { env })
    .then((done) => ({ ...done, code: 0 }))
    .catch((error: { stdout: string; stderr: string; code: number }) => error);
  return { report: JSON.parse(stdout), code, shown: `${stdout}${stderr}` };
}

/** What both have to have in common. */
function verdictsOf({ report, code }: Diagnosed) {
  const { verdict, failure, target, checks } = report;
  const statuses = checks.map(({ name, status, failure: kind, saw, advice }) => ({
    ...{ name, status, failure: kind },
    isLost: saw.startsWith('Not looked at'),
    advises: advice.length > 0 && name !== 'python',
  }));
  return { code, verdict, failure, target, checks: statuses };
}

/** Compares what they say of the same. */
export function assertAlike(node: Diagnosed, script: Diagnosed, secrets: readonly string[]): void {
  const texts = ({ report }: Diagnosed) => report.checks.map(({ name, saw }) => `${name}: ${saw}`).join('\n');
  assert.deepEqual(verdictsOf(script), verdictsOf(node), `${texts(node)}\n--- in Python\n${texts(script)}`);
  for (const { shown } of [node, script]) {
    for (const secret of secrets) assert.ok(!shown.includes(secret), shown);
  }
}
