import assert from 'node:assert/strict';
import { type BrowserRequest, isForged } from './browser-rule.ts';

const OWN = 'https://gateway.example';

describe('what a foreign site may have made a browser send', () => {
  const judge = (parts: Partial<BrowserRequest>) => {
    const nothing = { secFetchSite: undefined, origin: undefined, opensSocket: false };
    return isForged({ method: 'POST', scope: 'mlflow:write', ...nothing, ...parts }, new Set([OWN]));
  };
  const read = { method: 'GET', scope: 'mlflow:read' } as const;
  const invoke = { method: 'GET', scope: 'mlflow:invoke' } as const;
  const socket = { ...read, opensSocket: true };

  const origins: [what: string, says: Partial<BrowserRequest>, isForeign: boolean][] = [
    ['of no browser', {}, false],
    ['of our own page', { secFetchSite: 'same-origin', origin: OWN }, false],
    ['of our own page, in an old browser', { origin: OWN }, false],
    ['typed in', { secFetchSite: 'none' }, false],
    ['of a neighbouring host', { secFetchSite: 'same-site' }, true],
    ['of another site', { secFetchSite: 'cross-site' }, true],
    ['of another site that is allowed', { secFetchSite: 'cross-site', origin: OWN }, true],
    ['of another origin', { origin: 'https://evil.example' }, true],
    ['of our name on another port', { origin: `${OWN}:8443` }, true],
    ['of our name without TLS', { origin: 'http://gateway.example' }, true],
    ['of our name in capitals', { origin: OWN.toUpperCase() }, true],
    ['of an opaque origin', { origin: 'null' }, true],
    ['of an empty origin', { origin: '' }, true],
    ['of two sites', { secFetchSite: 'same-origin,cross-site' }, true],
    [
      'of our own page by one header, of another by the other',
      { secFetchSite: 'none', origin: 'null' },
      true,
    ],
  ];
  for (const [what, says, isForeign] of origins)
    it(`is ${isForeign ? '' : 'not '}what comes ${what}, if it changes or costs something or opens a socket`, () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        assert.equal(judge({ ...says, method }), isForeign, method);
      assert.equal(judge({ ...says, ...invoke }), isForeign);
      assert.equal(judge({ ...says, ...socket }), isForeign);
      assert.equal(judge({ ...says, ...socket, scope: null }), isForeign);
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        assert.equal(judge({ ...says, ...read, method }), false);
    });
});
