/** Servers in containers, for those who have a Docker daemon with the images at hand. Nothing is pulled. */
import { request } from 'node:http';
import { docker } from './config.ts';
import { eventually } from './eventually.ts';
import { type ServerControl, startServer, type TestServer } from './server.ts';

export interface ContainerOptions {
  image: string;
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Content by path in the container. */
  files?: Readonly<Record<string, string>>;
  /** Port of this machine by port in the container. */
  ports: Readonly<Record<number, number>>;
  /** Throws while the server doesn't answer. */
  isReady: () => Promise<unknown>;
}

/** What Testcontainers itself runs beside each run, to clean up after one that was killed. */
const REAPER_IMAGE = 'testcontainers/ryuk:0.14.0';
const DAEMON_LIMIT_MS = 1000;
const READY_LIMIT_MS = 60_000;

const images = new Map<string, Promise<boolean>>();

/** True if a Docker daemon answers and has the image. Asked once per run. */
export function hasImage(image: string): Promise<boolean> {
  const known = images.get(image) ?? answersOk(`/images/${image}/json`);
  images.set(image, known);
  return known;
}

function answersOk(path: string): Promise<boolean> {
  const url = new URL(docker.host);
  const address =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || 2375 };
  return new Promise((resolve) => {
    const asked = request({ ...address, path, timeout: DAEMON_LIMIT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

export async function startContainer(options: ContainerOptions): Promise<TestServer> {
  return await startServer(await containerControl(options));
}

async function containerControl({
  image,
  command,
  env,
  files,
  ports,
  isReady,
}: ContainerOptions): Promise<ServerControl> {
  // Read when it is loaded. Without the image our own clean-up has to do.
  if (!(await hasImage(REAPER_IMAGE))) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const blueprint = new GenericContainer(image)
    .withCommand([...command])
    .withEnvironment({ ...env })
    // That it speaks at all; whether it is ready is for `isReady`. The usual way needs a shell in the image.
    .withWaitStrategy(Wait.forLogMessage(/\S/))
    .withCopyContentToContainer(Object.entries(files ?? {}).map(([target, content]) => ({ target, content })))
    // Fixed, so that the address stays the same when it is stopped and started.
    .withExposedPorts(
      ...Object.entries(ports).map(([container, host]) => ({ container: Number(container), host })),
    );
  const container = await blueprint.start();
  const handle = (await getContainerRuntimeClient()).container.getById(container.getId());
  let isFirstStart = true;
  return {
    start: async () => {
      if (!isFirstStart) await handle.start();
      isFirstStart = false;
      await eventually(isReady, { timeoutMs: READY_LIMIT_MS });
    },
    stop: async () => void (await handle.stop()),
    kill: async () => void (await handle.kill()),
    pause: async () => void (await handle.pause()),
    resume: async () => void (await handle.unpause()),
    remove: async () => void (await container.stop()),
  };
}
