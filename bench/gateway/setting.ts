/** What all sections measure with, started once and kept until the end. */
import { freePort } from '@hokusai/testing';
import { upstreamConfig } from '../lib/nginx.ts';
import { startNginx } from '../lib/processes.ts';
import { type Gateway, type Stack, startStack } from './stack.ts';

export interface Setting {
  folder: string;
  stack: Stack;
  /** One that nothing limits. */
  key: string;
  upstreamPort: number;
  /** As it comes. */
  gateway: Gateway;
}

const KEYS = 256;

/** @param folder for files, among them what the upstream serves below `/large/` */
export async function startSetting(folder: string): Promise<Setting> {
  const upstreamPort = await freePort();
  await startNginx(upstreamConfig(folder, upstreamPort, folder), upstreamPort, { isSubject: false });
  const stack = await startStack(folder, KEYS);
  const key = stack.keys[0] as string;
  const gateway = await stack.startGateway(local(upstreamPort));
  return { folder, stack, key, upstreamPort, gateway };
}

export function local(port: number, path = ''): string {
  return `http://127.0.0.1:${port}${path}`;
}
