import assert from 'node:assert/strict';
import { uvSettingsFromPip } from './index-settings.ts';

describe('settings of pip handed to uv', () => {
  it('are none where pip has none: each uses its own default', () => {
    assert.deepEqual(uvSettingsFromPip('', {}), {});
  });

  it('name the index, further indexes, folders and certificates', () => {
    const listing = [
      "global.index-url='https://mirror.example/simple'",
      "global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'",
      "global.find-links='/wheels /more'",
      "global.cert='/etc/ca.pem'",
      "global.trusted-host='mirror.example'",
      "freeze.timeout='10'",
    ].join('\n');
    assert.deepEqual(uvSettingsFromPip(listing, {}), {
      UV_DEFAULT_INDEX: 'https://mirror.example/simple',
      UV_INDEX: 'https://one.example/simple https://two.example/simple',
      UV_INDEX_STRATEGY: 'unsafe-best-match',
      UV_FIND_LINKS: '/wheels,/more',
      UV_INSECURE_HOST: 'mirror.example',
      SSL_CERT_FILE: '/etc/ca.pem',
    });
  });

  it('follow pip’s precedence: variables, then the command’s section, then [global]', () => {
    const lines = {
      variable: ":env:.index-url='https://variable.example'",
      install: "install.index-url='https://install.example'",
      global: "global.index-url='https://global.example'",
    };
    const index = (...chosen: string[]) => uvSettingsFromPip(chosen.join('\n'), {})['UV_DEFAULT_INDEX'];
    assert.equal(index(lines.variable, lines.install, lines.global), 'https://variable.example');
    assert.equal(index(lines.global, lines.install), 'https://install.example');
    assert.equal(index(lines.install, lines.global), 'https://install.example');
  });

  it('read a password with quotes in it', () => {
    const listing = `:env:.index-url="https://user:it's@mirror.example/simple"`;
    assert.equal(
      uvSettingsFromPip(listing, {})['UV_DEFAULT_INDEX'],
      "https://user:it's@mirror.example/simple",
    );
  });

  it('give way to what is set for uv itself', () => {
    const listing = "global.index-url='https://pip.example'\nglobal.cert='/pip.pem'";
    const env = { UV_INDEX_URL: 'https://uv.example', SSL_CERT_FILE: '/own.pem' };
    assert.deepEqual(uvSettingsFromPip(listing, env), {});
  });
});
