import assert from 'node:assert/strict';
import { CertificateAuthority } from '@hokusai/testing';
import { certificates } from './pem.ts';

describe('certificates in a variable', () => {
  const isTaken = (text: string) => certificates().safeParse(text).success;
  let authority: CertificateAuthority;

  before(() => {
    authority = new CertificateAuthority();
  });
  after(() => authority.close());

  it('are all read, not the first alone', () => {
    const { certificate } = authority;
    const lines = certificate.trim().split('\n');
    assert.ok(isTaken(`${certificate}\n# the next one\n${certificate}`));
    const damaged = [...lines.slice(0, 2), 'AAAA', ...lines.slice(3)].join('\n');
    assert.equal(isTaken(`${certificate}\n${damaged}`), false);
    assert.equal(isTaken(`${certificate}\n${lines.slice(0, -1).join('\n')}`), false);
    assert.equal(isTaken('nothing'), false);
  });
});
