import assert from 'node:assert/strict';
import type { ApiRequest } from '../../api/client.ts';
import { createContext } from '../../context.ts';
import type { Terminal } from '../../terminal.ts';
import { revokeKey } from './revoke-key.ts';

const KEY_ID = '0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11';
/** For how long the gateway waits for the keys service to revoke a whole family. */
const GATEWAY_CASCADE_TIMEOUT_MS = 60_000;

const terminal: Terminal = {
  write: async () => undefined,
  redraw: async () => undefined,
  note: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
  fail: () => undefined,
  paper: { style: (text) => text, width: 80, ink: 'none' },
  isInteractive: false,
  ask: async () => '',
  readInput: async () => '',
};

describe('a revocation', () => {
  /** The request that it comes to. */
  async function requestOf(...options: string[]): Promise<ApiRequest> {
    const signal = new AbortController().signal;
    const base = createContext({ terminal, env: {}, version: '1.2.3', now: () => 0, signal });
    const asked: ApiRequest[] = [];
    const context = {
      ...base,
      connect: async () => ({
        access: { url: { value: '', source: '' }, key: { value: '', source: '' } },
        sendForCsv: () => assert.fail('asked for CSV'),
        stream: () => assert.fail('asked for a stream'),
        send: (_schema: unknown, request: ApiRequest) => {
          asked.push(request);
          return Promise.reject(new Error('asked'));
        },
      }),
    };
    await assert.rejects(
      revokeKey(context).parseAsync([KEY_ID, '--yes', ...options], { from: 'user' }),
      /asked/,
    );
    assert.ok(asked[0]);
    return asked[0];
  }

  it('waits longer for a cascade than the gateway does', async () => {
    const { timeoutMs } = await requestOf('--cascade', '--wait');
    assert.ok(timeoutMs !== undefined && timeoutMs >= GATEWAY_CASCADE_TIMEOUT_MS + 10_000, String(timeoutMs));
  });

  it('of one key takes no longer than anything else', async () => {
    assert.equal((await requestOf('--wait')).timeoutMs, undefined);
  });
});
