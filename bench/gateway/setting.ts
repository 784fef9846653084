/** Everything that is compared, started once and kept until the end. */
import { join } from 'node:path';
import { freePort } from '@hokusai/testing';
import { authRequestConfig, upstreamConfig } from '../lib/nginx.ts';
import { type Listener, startListener, startNginx } from '../lib/processes.ts';
import { type Gateway, type Stack, startStack } from './stack.ts';

export interface Setting {
  folder: string;
  stack: Stack;
  /** One that nothing limits. */
  key: string;
  ports: {
    upstream: number;
    proxyMiddleware: number;
    authRequest: number;
  };
  /** The limit for Node. */
  undici: Listener;
  gateways: {
    /** As it comes. */
    whole: Gateway;
    withoutAccessLog: Gateway;
    withoutUsage: Gateway;
  };
}

const KEYS = 256;
const SUBJECTS = join(import.meta.dirname, 'subjects.ts');
const WITHOUT_USAGE = new URL('without-usage.ts', import.meta.url).href;

/** @param folder for files, among them what the upstream serves below `/large/` */
export async function startSetting(folder: string): Promise<Setting> {
  const upstream = await freePort();
  await startNginx(upstreamConfig(folder, upstream, folder), upstream, { isSubject: false });
  const stack = await startStack(folder, KEYS);
  const key = stack.keys[0] as string;
  const url = `http://127.0.0.1:${upstream}`;
  return {
    folder,
    stack,
    key,
    ports: {
      upstream,
      proxyMiddleware: (await startSubject('express-http-proxy-middleware', upstream)).port,
      authRequest: await startAuthRequest(folder, upstream, { SUBJECT_KEY: key, REDIS_URL: stack.redisUrl }),
    },
    undici: await startSubject('undici', upstream),
    gateways: {
      whole: await stack.startGateway(url),
      withoutAccessLog: await stack.startGateway(url, { ACCESS_LOG: 'false' }),
      withoutUsage: await stack.startGateway(url, { NODE_OPTIONS: `--import ${WITHOUT_USAGE}` }),
    },
  };
}

/** One of subjects.ts. */
function startSubject(name: string, upstream: number, env: Record<string, string> = {}): Promise<Listener> {
  return startListener([process.execPath, SUBJECTS, name, String(upstream)], { isSubject: true, env });
}

async function startAuthRequest(
  folder: string,
  upstream: number,
  env: Record<string, string>,
): Promise<number> {
  const { port: service } = await startSubject('auth-service', upstream, env);
  const port = await freePort();
  await startNginx(authRequestConfig(folder, port, upstream, service), port, { isSubject: true });
  return port;
}
