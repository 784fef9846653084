import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { HttpClient } from '../http/client.ts';
import { openFile } from './download.ts';

describe('openFile', () => {
  it('leaves nothing at the signal when it fails', async () => {
    const { signal } = new AbortController();
    const http = { download: () => Promise.reject(new Error('no')) } as unknown as HttpClient;
    await assert.rejects(openFile({ http }, { path: 'a', endpoint: '/a' }, { signal }), { message: 'no' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
