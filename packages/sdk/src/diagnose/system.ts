/** The machine and the network as they are. */
import { type ExecFileException, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import type { Environment } from '../config/config.ts';
import { silentLogger } from '../config/logger.ts';
import { type Clock, createHttpClient } from '../http/client.ts';
import type { PythonFacts, Silence } from './check-python.ts';
import type { DiagnoseDependencies, Endpoint, Handshake } from './dependencies.ts';

export function systemDependencies(env: Environment, clock: Clock): DiagnoseDependencies {
  const home = env['HOME'] || homedir();
  return {
    env,
    clock,
    readHomeFiles: () => ({
      netrc: env['NETRC']
        ? textOf(env['NETRC'])
        : (textOf(join(home, '.netrc')) ?? textOf(join(home, '_netrc'))),
      mlflowCredentials: textOf(join(home, '.mlflow', 'credentials')),
    }),
    fileExists: existsSync,
    lookup: (host, timeoutMs) => within(timeoutMs, lookupAll(host)),
    connect,
    handshake,
    speaksHttp,
    createClient: (config) =>
      createHttpClient(config, {
        clock,
        delay: () => Promise.resolve(),
        random: Math.random,
        logger: silentLogger,
      }),
    inspectPython,
    randomBytes,
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function lookupAll(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))].sort();
}

function connect({ host, port }: Endpoint, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, autoSelectFamily: true });
    const timer = setTimeout(() => socket.destroy(timedOut()), timeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      resolve(socket.remoteAddress ?? host);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function handshake({ host, port }: Endpoint, timeoutMs: number): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    // The certificate is to be seen whatever it is. Nothing is sent on this connection.
    const options = { host, port, ...servername, rejectUnauthorized: false };
    const socket = connectTls(options, () => {
      resolve(facts(socket.getPeerCertificate(true), socket.getProtocol(), socket.authorizationError));
      socket.destroy();
    });
    const timer = setTimeout(() => socket.destroy(timedOut()), timeoutMs);
    socket.once('error', reject);
    // A server that closes without a word.
    socket.once('close', () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    });
  });
}

function speaksHttp({ host, port }: Endpoint, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port }, () =>
      socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.once('data', (bytes) => {
      resolve(bytes.subarray(0, 5).toString('latin1') === 'HTTP/');
      socket.destroy();
    });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

function facts(certificate: DetailedPeerCertificate, protocol: string | null, problem: unknown): Handshake {
  const name = ({ CN, O }: { CN?: string | string[]; O?: string | string[] }) => String(CN ?? O ?? 'nobody');
  return {
    protocol: protocol ?? 'TLS',
    problem: problem ? String((problem as { code?: string }).code ?? problem) : null,
    subject: name(certificate.subject ?? {}),
    issuer: name(certificate.issuer ?? {}),
    validTo: Date.parse(certificate.valid_to),
  };
}

/** Without importing MLflow, which takes seconds. */
const INSPECTION = `
import json, sys, importlib.metadata as metadata
def found(name):
    try:
        return {"name": name, "version": metadata.version(name)}
    except metadata.PackageNotFoundError:
        return None
mlflow = found("mlflow") or found("mlflow-skinny")
print(json.dumps({"executable": sys.executable, "version": sys.version.split()[0], "mlflow": mlflow}))
`;

function inspectPython(command: string, timeoutMs: number): Promise<PythonFacts | Silence | undefined> {
  return new Promise((resolve) => {
    // A program that does not heed the request to end would be waited for without end.
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
    execFile(command, ['-c', INSPECTION], options, (error, stdout) => {
      if (error?.code === 'ENOENT') resolve(undefined);
      else if (error) resolve({ silence: silenceOf(error, timeoutMs) });
      else resolve(pythonFacts(stdout) ?? { silence: 'its answer can not be understood' });
    });
  });
}

function silenceOf({ killed, code }: ExecFileException, timeoutMs: number): string {
  if (killed && typeof code !== 'string') return `it did not answer within ${timeoutMs / 1000} s`;
  return `it ended with ${code ?? 'a signal'}`;
}

/** On the last line: what starts with Python may print before it. */
function pythonFacts(stdout: string): PythonFacts | undefined {
  try {
    const said = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Partial<PythonFacts>;
    const { executable, version, mlflow = null } = said;
    const told = mlflow === null ? [executable, version] : [executable, version, mlflow.name, mlflow.version];
    const isWhole = told.every((value) => typeof value === 'string');
    return isWhole ? ({ executable, version, mlflow } as PythonFacts) : undefined;
  } catch {
    return undefined;
  }
}

async function within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut()), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
