/** A Redis of our own: on the loopback only, with a password, its data on disk. */
import { connect } from 'node:net';
import { startProcess, stopProcess, whenReady } from '../os/processes.ts';
import { type Backend, type BackendOptions, LOOPBACK, READY_LIMIT_MS } from './backend.ts';

export interface RedisOptions extends BackendOptions {
  /** Path of `redis-server`. */
  program: string;
  /** Letters, digits, `-` and `_`. */
  password: string;
  /** False keeps nothing on disk. */
  isDurable: boolean;
  /** A node of a cluster; others find it at its port + 10000 as well. */
  isClusterNode?: boolean;
}

export interface RedisBackend extends Backend {
  url: string;
}

export async function startRedis(options: RedisOptions): Promise<RedisBackend> {
  const { port, password } = options;
  const server = await startProcess({
    name: 'redis',
    command: options.program,
    // Its configuration comes on stdin: on the command line everyone could read the password.
    args: ['-'],
    input: configuration(options),
    env: options.env,
    logFile: options.logFile,
  });
  const stop = async () => void (await stopProcess(server, { signal: 'SIGTERM', limitMs: 10_000 }));
  options.onStart?.(server, stop);
  try {
    await whenReady(server, () => ping(port, password), { limitMs: READY_LIMIT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: server, port, url: `redis://:${encodeURIComponent(password)}@${LOOPBACK}:${port}`, stop };
}

function configuration({ port, dataDirectory, password, isDurable, isClusterNode }: RedisOptions): string {
  return [
    `bind ${LOOPBACK}`,
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quote(dataDirectory)}`,
    // The file of appended commands replaces snapshots: it loses a second at most.
    'save ""',
    `appendonly ${isDurable ? 'yes' : 'no'}`,
    // A node that is lost takes only its own keys with it.
    ...(isClusterNode ? ['cluster-enabled yes', 'cluster-require-full-coverage no'] : []),
    '',
  ].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** AUTH and PING in the plain protocol; anything but PONG (it is still loading, say) is an error. */
async function ping(port: number, password: string): Promise<void> {
  const socket = connect({ host: LOOPBACK, port, timeout: 2000 });
  try {
    await new Promise<void>((resolve, reject) => {
      let answer = '';
      socket.setEncoding('utf8');
      socket.on('data', (text) => {
        answer += text;
        if (answer.includes('+PONG')) resolve();
        else if (/-(?!NOAUTH)\w+/.test(answer)) reject(new Error(answer.trim()));
      });
      socket.on('timeout', () => reject(new Error('no answer')));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
      socket.write(`AUTH ${password}\r\nPING\r\n`);
    });
  } finally {
    socket.destroy();
  }
}
