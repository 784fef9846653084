import assert from 'node:assert/strict';
import type { Failure } from '../failure.ts';
import { resolveAccess, resolveUrl } from './access.ts';
import type { Profile, ProfileStore } from './profiles.ts';

const KEY = 'hk_live_x';
const URL = 'https://gateway.example';

function storeOf(profiles: Record<string, Profile>): ProfileStore {
  return {
    path: (name) => `/profiles/${name}.json`,
    read: async (name) => profiles[name] ?? null,
    prepare: async () => assert.fail(),
    remove: async () => false,
    names: async () => Object.keys(profiles),
  };
}

const profiles = storeOf({
  default: { url: URL, key: 'default-key' },
  other: { url: 'https://other.example/base/', key: 'other-key' },
});
const none = storeOf({});
const broken: ProfileStore = { ...none, read: () => Promise.reject(new Error('unreadable')) };

describe('access', () => {
  it('comes from the default profile', async () => {
    assert.deepEqual(await resolveAccess({}, {}, profiles), {
      url: { value: URL, source: 'profile "default"' },
      key: { value: 'default-key', source: 'profile "default"' },
    });
  });

  it('comes from the profile that is named, with its path', async () => {
    const { url, key } = await resolveAccess({ profile: 'other' }, {}, profiles);
    assert.deepEqual([url.value, key.value], ['https://other.example/base', 'other-key']);
  });

  it('comes from the variables first, without looking at profiles', async () => {
    const env = { HOKUSAI_API_URL: `${URL}//`, HOKUSAI_API_KEY: ` ${KEY}\n` };
    assert.deepEqual(await resolveAccess({}, env, broken), {
      url: { value: URL, source: 'HOKUSAI_API_URL' },
      key: { value: KEY, source: 'HOKUSAI_API_KEY' },
    });
  });

  it('comes from --url before the variable', async () => {
    const env = { HOKUSAI_API_URL: 'https://else.example', HOKUSAI_API_KEY: KEY };
    const { url } = await resolveAccess({ url: 'http://[::1]:9/x' }, env, profiles);
    assert.deepEqual(url, { value: 'http://[::1]:9/x', source: '--url' });
  });

  it('takes the default address where none is given', async () => {
    const { url } = await resolveAccess({}, { HOKUSAI_API_KEY: KEY }, none);
    assert.deepEqual(url, { value: 'http://127.0.0.1:8080', source: 'the default' });
    assert.equal((await resolveUrl({}, { HOKUSAI_API_URL: '' }, none)).value, 'http://127.0.0.1:8080');
    assert.equal((await resolveUrl({}, {}, profiles)).value, URL);
  });

  it("never sends a profile's key to another address", async () => {
    const refused = (failure: Failure) =>
      failure.kind === 'configuration' && /belongs to/.test(failure.message);
    await assert.rejects(resolveAccess({ url: 'https://else.example' }, {}, profiles), refused);
    await assert.rejects(resolveAccess({}, { HOKUSAI_API_URL: `${URL}/base` }, profiles), refused);
    assert.ok(await resolveAccess({ url: `${URL}/` }, {}, profiles));
  });

  for (const url of [
    'gateway.example',
    'ftp://x',
    'https://u@x',
    'https://u:p@x',
    'https://x?a',
    'https://x#a',
  ]) {
    it(`has no address ${url}`, async () => {
      await assert.rejects(resolveAccess({ url }, {}, profiles), { kind: 'configuration' });
    });
  }
});
