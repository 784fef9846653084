/** The audit log as the audit service sends it, and as the API shows it. */
import { toTimestamp } from '@hokusai/contracts';

const at = (text: string) => toTimestamp(new Date(text));
const bytes = (byte: number, length: number) => Buffer.alloc(length, byte);
const hex = (byte: number) => bytes(byte, 32).toString('hex');

export const EVENT_ID = '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a';
export const USER_ID = '0192a0c4-1111-4a4e-9a53-1c9b3f6f2d11';
export const KEY_ID = '0192a0c4-2222-4a4e-9a53-1c9b3f6f2d22';
const LOG_ID = '0192a0c4-3333-4a4e-9a53-1c9b3f6f2d33';
const SIGNER_ID = '0f1e2d3c4b5a6978';

const content = {
  actor: {
    ...{ user_id: USER_ID, key_id: KEY_ID, key_prefix: 'hk_live_0123456789AB' },
    ...{ via: 'grpc', service: 'ops' },
  },
  target: { type: 'key', id: KEY_ID, owner_user_id: USER_ID },
  before: { name: 'old' },
  after: { name: 'new' },
  reason: null,
  count: 1,
};

export const sentEvent = {
  eventId: EVENT_ID,
  chainSeq: '17',
  hash: bytes(17, 32),
  previousHash: bytes(16, 32),
  occurredAt: at('2026-11-22T10:00:00.125Z'),
  storedAt: at('2026-11-22T10:00:00.500Z'),
  source: 'keys',
  action: 'key.updated',
  outcome: 'success',
  actorUserId: USER_ID,
  actorKeyId: KEY_ID,
  targetType: 'key',
  targetId: KEY_ID,
  requestId: 'r-1',
  traceId: '',
  body: JSON.stringify(content),
  alteredColumns: [],
  personalValues: [{ name: 'client_ip', value: '192.0.2.1', salt: bytes(7, 32) }],
};

export const shownEvent = {
  id: EVENT_ID,
  chain_seq: 17,
  hash: hex(17),
  previous_hash: hex(16),
  occurred_at: '2026-11-22T10:00:00.125Z',
  stored_at: '2026-11-22T10:00:00.500Z',
  source: 'keys',
  action: 'key.updated',
  outcome: 'success',
  actor: {
    ...{ user_id: USER_ID, key_id: KEY_ID, key_prefix: 'hk_live_0123456789AB' },
    ...{ via: 'grpc', service: 'ops', host: null },
  },
  target: { type: 'key', id: KEY_ID, owner_user_id: USER_ID },
  before: { name: 'old' },
  after: { name: 'new' },
  reason: null,
  count: 1,
  request_id: 'r-1',
  trace_id: null,
  personal: { client_ip: '192.0.2.1' },
};

/** A row that somebody has written into. */
export const sentTampered = {
  ...sentEvent,
  ...{ body: 'no json', targetType: '', targetId: '', actorUserId: '', personalValues: [] },
};
export const shownTampered = {
  ...shownEvent,
  ...{
    actor: { user_id: null, key_id: KEY_ID, key_prefix: null, via: '', service: null, host: null },
    target: null,
  },
  ...{ before: null, after: null, personal: {} },
};

export const sentCheckpoint = {
  logId: LOG_ID,
  chainSeq: '17',
  hash: bytes(17, 32),
  signedAt: at('2026-11-22T10:00:05Z'),
  signerId: SIGNER_ID,
  signature: bytes(1, 64),
};

export const shownCheckpoint = {
  log_id: LOG_ID,
  chain_seq: 17,
  hash: hex(17),
  signed_at: '2026-11-22T10:00:05.000Z',
  signer_id: SIGNER_ID,
  signature: bytes(1, 64).toString('base64url'),
};

export const sentSigner = {
  signerId: SIGNER_ID,
  publicKey: bytes(2, 32),
  sinceChainSeq: '0',
  endorsedBy: '',
  endorsement: Buffer.alloc(0),
};

export const shownSigner = {
  signer_id: SIGNER_ID,
  public_key: bytes(2, 32).toString('base64url'),
  since_chain_seq: 0,
  endorsed_by: null,
  endorsement: null,
};

export const sentExport = [
  {
    header: {
      ...{ logId: LOG_ID, fromChainSeq: '17', toChainSeq: '17', isSelection: false },
      ...{ previousHash: bytes(16, 32), base: sentCheckpoint },
    },
  },
  { signer: sentSigner },
  { event: sentEvent },
  { checkpoint: sentCheckpoint },
  { end: { rows: '1' } },
];

export const shownExport = [
  {
    ...{ type: 'header', version: 1, log_id: LOG_ID, from_chain_seq: 17, to_chain_seq: 17 },
    ...{ is_selection: false, previous_hash: hex(16), base: shownCheckpoint },
  },
  { type: 'signer', ...shownSigner },
  {
    ...{ type: 'event', chain_seq: 17, event_id: EVENT_ID, previous_hash: hex(16), hash: hex(17) },
    body: sentEvent.body,
    personal: [{ name: 'client_ip', value: '192.0.2.1', salt: hex(7) }],
  },
  { type: 'checkpoint', ...shownCheckpoint },
  { type: 'end', rows: 1 },
];

export const sentVerification = {
  ...{ intact: false, rowsVerified: '16', firstBadChainSeq: '17', problem: 'The row is missing.' },
  ...{ proof: 'witness', checkpointsVerified: '2', witnessesVerified: '3', lastCheckpointChainSeq: '15' },
  ...{ lastTrustedCheckpointChainSeq: '14', rowsBound: '14', erasedValues: '1' },
  unproven: [{ code: 'unpinned_signer', message: 'Who signs it?' }],
};

export const shownVerification = {
  ...{ intact: false, rows_verified: 16, first_bad_chain_seq: 17, problem: 'The row is missing.' },
  ...{ proof: 'witness', checkpoints_verified: 2, witnesses_verified: 3, last_checkpoint_chain_seq: 15 },
  ...{ last_trusted_checkpoint_chain_seq: 14, rows_bound: 14, erased_values: 1 },
  unproven: [{ code: 'unpinned_signer', message: 'Who signs it?' }],
};
