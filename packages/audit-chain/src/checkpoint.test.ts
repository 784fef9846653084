import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { checkpointStatement, endorsementStatement, introduceSigner, signCheckpoint } from './checkpoint.ts';
import { checkpointLineOf, parseCheckpointLine } from './checkpoint-lines.ts';
import { Signers } from './signers.ts';
import { signingKeyOf } from './signing.ts';

const LOG_ID = '9d0f1c2a-6a7b-4c3d-8e5f-0123456789ab';
const [first, second, third] = [1, 2, 3].map((byte) => signingKeyOf(new Uint8Array(32).fill(byte)));
if (!first || !second || !third) throw new Error('unreachable');

const head = { chainSeq: 42, hash: new Uint8Array(32).fill(0xab) };
const signedAt = new Date('2025-01-15T12:00:10.000Z');
const checkpoint = signCheckpoint(first, { logId: LOG_ID, head, signedAt });
const founder = introduceSigner(first, { logId: LOG_ID, sinceChainSeq: 0, former: null });
const successor = introduceSigner(second, { logId: LOG_ID, sinceChainSeq: 42, former: first });

describe('checkpoints', () => {
  it('give the published test vector', () => {
    assert.equal(first.signerId, 'fd110d301d2f077d');
    assert.equal(
      checkpointStatement(checkpoint),
      `{"chain_seq":42,"hash":"${'ab'.repeat(32)}","log_id":"${LOG_ID}","signed_at":"2025-01-15T12:00:10.000Z","signer_id":"fd110d301d2f077d","type":"hokusai.audit.checkpoint","version":1}`,
    );
    assert.equal(
      Buffer.from(checkpoint.signature).toString('base64url'),
      'PkNgXZUsmz1G4ul_VE3G1gsIS2Lw1Didjw2c1ZIZGfUCQProQt1uIWvqb_gE0Dj7WKmR9ACOnw2RyfQ8LmVlCQ',
    );
    assert.equal(
      Buffer.from(successor.endorsement?.signature ?? '').toString('base64url'),
      'pfuyW9TWocgzAbzswlspJeYgBPs-eV-lZMZw45QpMffs5PSdUcqKapJspe856Wve7O8so-DF0153HvOUG1GYDA',
    );
  });

  it('are signed so that any Ed25519 verifies them', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(first.publicKey).toString('base64url') };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    assert.ok(verify(null, Buffer.from(checkpointStatement(checkpoint)), key, checkpoint.signature));
    const text = endorsementStatement(LOG_ID, successor, first.signerId);
    assert.ok(verify(null, Buffer.from(text), key, successor.endorsement?.signature ?? Buffer.alloc(64)));
  });

  it('survive being written and read as a line', () => {
    assert.deepEqual(parseCheckpointLine(checkpointLineOf(checkpoint)), {
      ...checkpoint,
      hash: Buffer.from(head.hash),
      signature: Buffer.from(checkpoint.signature),
    });
    for (const line of ['', '{}', '[1]', checkpointLineOf(checkpoint).slice(1)])
      assert.equal(parseCheckpointLine(line), undefined);
  });

  it('count by whose key they are signed', () => {
    const signers = new Signers(LOG_ID, [first.publicKey]);
    assert.equal(signers.add(founder), undefined);
    assert.equal(signers.add(successor), undefined);
    assert.equal(signers.problemOf(checkpoint), undefined);
    assert.match(
      signers.problemOf(signCheckpoint(third, { logId: LOG_ID, head, signedAt })) ?? '',
      /not among/,
    );
    assert.match(signers.problemOf({ ...checkpoint, chainSeq: 43 }) ?? '', /is not what/);
    assert.match(signers.problemOf({ ...checkpoint, logId: LOG_ID.replace('9', '8') }) ?? '', /another log/);
    assert.deepEqual(
      signers.known.map(({ trust }) => trust),
      ['pinned', 'endorsed'],
    );
  });

  it('count for nothing by themselves, and no more where their signer was vouched for by such a one', () => {
    const signers = new Signers(LOG_ID, []);
    assert.equal(signers.add(founder), undefined);
    assert.equal(signers.add(successor), undefined);
    assert.deepEqual(
      signers.known.map(({ trust }) => trust),
      ['unpinned', 'unpinned'],
    );
  });

  it('are not believed of a signer whose listing is forged', () => {
    const signers = new Signers(LOG_ID, [first.publicKey]);
    const { endorsement } = successor;
    assert.match(signers.add({ ...successor, publicKey: third.publicKey }) ?? '', /not its own/);
    assert.match(signers.add({ ...successor, sinceChainSeq: 1 }) ?? '', /did not give/);
    const forged = introduceSigner(third, { logId: LOG_ID, sinceChainSeq: 42, former: second });
    assert.match(signers.add(forged) ?? '', /did not give/);
    assert.match(
      signers.add({ ...forged, endorsement: endorsement && { ...endorsement, signerId: first.signerId } }) ??
        '',
      /did not give/,
    );
  });
});
