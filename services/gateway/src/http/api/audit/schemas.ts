/** The audit log in requests and answers. */
import { parseBlock, UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import { z } from 'zod';
import {
  count,
  flag,
  instant,
  line,
  listOf,
  nextCursor,
  page,
  stored,
  time,
  uuid,
  wholeNumber,
} from '../fields.ts';

const MAX_ROW = 9_999_999_999;
const MAX_WITNESS_PAGE = 10_000;

const UUID_EXAMPLE = '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a';
const HASH_EXAMPLE = 'bd883ca64e71f7829add3c1b4691dcabe1448ae76b426882efd1eace00279868';

/** In the form in which addresses are stored. */
const clientIp = z
  .string()
  .transform((text, context) => {
    const block = text.includes('/') ? '' : parseBlock(text);
    if (typeof block !== 'string') return block.network.toString();
    if (text === UNKNOWN_ADDRESS) return text;
    context.addIssue({ code: 'custom', message: 'expected an IPv4 or IPv6 address' });
    return z.NEVER;
  })
  .meta({
    description: 'What came from this address. Members find their own actions only.',
    override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
      Object.assign(jsonSchema, { type: 'string', minLength: 2, maxLength: 45, examples: ['192.0.2.1'] });
    },
  });

const filter = {
  user_id: uuid('What this user did.').optional(),
  key_id: uuid('What this key did, and what was done to it.').optional(),
  target_id: line(256)
    .optional()
    .meta({ description: 'What was done to this key, user or other target.', examples: [UUID_EXAMPLE] }),
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)+$/, 'expected an action such as key.created')
    .max(64, 'expected an action such as key.created')
    .optional()
    .meta({ description: 'Events of this kind.', examples: ['key.created'] }),
  outcome: z
    .enum(['success', 'refused', 'failed'], 'expected success, refused or failed')
    .optional()
    .meta({ description: 'What came of it.', examples: ['refused'] }),
  client_ip: clientIp.optional(),
  request_id: line(128)
    .optional()
    .meta({ description: 'What the request with this `X-Request-ID` did.', examples: [UUID_EXAMPLE] }),
  from: instant('First moment of the period in which it happened; all times if left out.').optional(),
  to: instant('First moment after the period; no end if left out.').optional(),
};

export const eventsQuery = z.strictObject({
  ...filter,
  ...page,
  oldest_first: flag.optional().meta({
    description:
      'Oldest first. Then `next_cursor` is not null where the log has any event: later it leads to what was appended meanwhile.',
  }),
});
export type AuditFilterQuery = Omit<z.infer<typeof eventsQuery>, keyof typeof page | 'oldest_first'>;

const row = (description: string) =>
  wholeNumber(1, MAX_ROW)
    .optional()
    .meta({ description, examples: [1] });

export const exportQuery = z.strictObject({
  ...filter,
  from_chain_seq: row('Number of the first row; the first that is kept if left out.'),
  to_chain_seq: row('Number of the last row; the last that there is if left out.'),
});

export const checkpointsQuery = z.strictObject(page);

export const witnessesQuery = z.strictObject({
  ...page,
  limit: wholeNumber(1, MAX_WITNESS_PAGE)
    .optional()
    .meta({ description: 'How many entries a page has at most; 1000 if left out.', examples: [1000] }),
});

export const eventInPath = z.object({ id: uuid('Of the event.') });

const ROW_EXPECTED = `expected a whole number from 1 to ${MAX_ROW}`;
const rowInBody = (description: string) =>
  z
    .int(ROW_EXPECTED)
    .min(1, ROW_EXPECTED)
    .max(MAX_ROW, ROW_EXPECTED)
    .optional()
    .meta({ description, examples: [1] });

export const verifyBody = z.strictObject({
  from_chain_seq: rowInBody('Number of the first row; the first that is kept if left out.'),
  to_chain_seq: rowInBody('Number of the last row; the last that there is if left out.'),
});
export type RowRange = z.infer<typeof verifyBody>;

const hash = (description: string) => stored(`${description} SHA-256 in hexadecimal.`, HASH_EXAMPLE);
const nullableId = (description: string) => stored(description, UUID_EXAMPLE).nullable();

const actor = z.strictObject({
  user_id: nullableId('Whose key it was; null if nobody is known, or it was the system itself.'),
  key_id: nullableId('The key that was used.'),
  key_prefix: stored('Public first part of the secret that was used.', 'hk_live_4fQ0ZyB2kL9x').nullable(),
  via: stored('Through which door: gateway, grpc, sweeper, bootstrap, ….', 'gateway'),
  service: stored('Of grpc: the service that called, by the name of its credential.', 'ops').nullable(),
  host: stored('Name of the machine, of what was done on a host itself.', 'keys-1').nullable(),
});

const target = z.strictObject({
  type: stored('key, user, route, gateway or audit.', 'key'),
  id: stored('What it was done to.', UUID_EXAMPLE),
  owner_user_id: nullableId('Whose key it is.'),
});

const fields = (description: string) =>
  z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description, examples: [{ name: 'notebook' }] });

const alteredColumns = z.array(stored('Name of the column.', 'occurred_at')).optional().meta({
  description:
    'Columns of the database that say something else than what was hashed: somebody has changed them. Left away where none does; shown to admins only.',
});

export const auditEvent = z
  .strictObject({
    id: stored('Of the event.', UUID_EXAMPLE),
    chain_seq: count('Its number in the log, from 1, without gaps.', 1042),
    hash: hash('Over its bytes and the row before.'),
    previous_hash: hash('Of the row before.'),
    occurred_at: time('When it happened, by the clock of its source.'),
    stored_at: time('When it was appended to the log.'),
    source: stored('The service that it comes from: keys, gateway or audit.', 'keys'),
    action: stored('What was done.', 'key.created'),
    outcome: stored('success, refused or failed.', 'success'),
    actor: actor.meta({ description: 'Who did it.' }),
    target: target.nullable().meta({
      description: 'What it was done to.',
      examples: [{ type: 'key', id: UUID_EXAMPLE, owner_user_id: UUID_EXAMPLE }],
    }),
    before: fields('What was changed, as it was; null where nothing was.'),
    after: fields('What was changed, as it is since.'),
    reason: stored("Why: a person's words, or the code of a refusal.", 'laptop stolen').nullable(),
    count: count('How many of the same kind it stands for: refusals of one minute are one event.', 1),
    request_id: stored('`X-Request-ID` of the request that did it.', UUID_EXAMPLE).nullable(),
    trace_id: stored('Of W3C Trace Context.', '4bf92f3577b34da6a3ce929d0e0e4736').nullable(),
    personal: z.record(z.string(), stored('As it was.', '192.0.2.1')).meta({
      description:
        'Values of persons (client_ip, user_agent, email, email_before, display_name, display_name_before, os_user), as far as they are not erased. Members see those of their own actions.',
      examples: [{ client_ip: '192.0.2.1', user_agent: 'hokusai-cli/0.1.0' }],
    }),
    altered_columns: alteredColumns,
  })
  .meta({ id: 'AuditEvent', description: 'One event of the audit log.' });
export type AuditEventJson = z.infer<typeof auditEvent>;

export const eventsResponse = listOf(
  'AuditEventList',
  auditEvent,
  'Newest first, unless asked for otherwise.',
);

const signerId = stored(
  'First 16 hexadecimal digits of SHA-256 of its public key (DER).',
  '0f1e2d3c4b5a6978',
);
const signature = stored('Ed25519, in base64url.', 'oXkJ…');

const checkpointFields = {
  log_id: stored('Of the log.', UUID_EXAMPLE),
  chain_seq: count('Number of the last row that it covers.', 1042),
  hash: hash('Of that row.'),
  signed_at: time('When it was signed.'),
  signer_id: signerId.meta({ description: 'Who signed it.' }),
  signature: signature.meta({ description: 'Ed25519 over its canonical JSON, in base64url.' }),
};

const checkpoint = z
  .strictObject(checkpointFields)
  .meta({ id: 'AuditCheckpoint', description: 'A signed statement of where the log stood.' });
export type CheckpointJson = z.infer<typeof checkpoint>;

const signerFields = {
  signer_id: signerId,
  public_key: stored('Ed25519, 32 bytes in base64url.', 'A0pM…'),
  since_chain_seq: count("Number of the log's last row when it began to sign.", 0),
  endorsed_by: signerId.nullable().meta({ description: 'The signer before, which vouches for it.' }),
  endorsement: signature.nullable().meta({ description: 'Of the signer before, in base64url.' }),
};

const signer = z
  .strictObject(signerFields)
  .meta({ id: 'AuditSigner', description: 'A key that signs checkpoints.' });
export type SignerJson = z.infer<typeof signer>;

export const checkpointsResponse = z
  .strictObject({
    data: z.array(checkpoint).meta({ description: 'Newest first.' }),
    signers: z.array(signer).meta({ description: 'All of them, oldest first.' }),
    next_cursor: nextCursor,
  })
  .meta({ id: 'AuditCheckpointList', description: 'A page of checkpoints, and who signs.' });

const witness = z
  .strictObject({ chain_seq: count('Number of the row.', 1042), hash: hash('Of that row.') })
  .meta({
    id: 'AuditWitness',
    description: 'Where an event stood in the log when the keys service was told that it is stored.',
  });

export const witnessesResponse = listOf('AuditWitnessList', witness, 'In the order of the log.');

export const verifyResponse = z
  .strictObject({
    intact: z.boolean().meta({
      description: 'No row is altered, missing, inserted or reordered, and none contradicts a proof.',
      examples: [true],
    }),
    rows_verified: count('How many rows were looked at.', 1042),
    first_bad_chain_seq: count('The first row that is not as it was; null if intact.', 17).nullable(),
    problem: stored('What is wrong with that row, for people.', 'The row is missing.').nullable(),
    proof: stored('What shows it: chain, checkpoint or witness.', 'chain').nullable(),
    checkpoints_verified: count('How many checkpoints were compared, their signatures included.', 12),
    last_checkpoint_chain_seq: count('The last row that a checkpoint covers.', 1040).nullable(),
    last_trusted_checkpoint_chain_seq: count(
      "The last row that a checkpoint covers by the audit service's own keys, or those that they vouch for.",
      1040,
    ).nullable(),
    rows_bound: count(
      'How many rows lead to a hash that the keys service kept, or to such a checkpoint.',
      1040,
    ),
    erased_values: count('Personal values of which only the digests are there.', 0),
    unproven: z
      .array(
        z.strictObject({
          code: stored(
            'begins_later, no_checkpoint, unpinned_signer or after_last_checkpoint.',
            'after_last_checkpoint',
          ),
          message: stored('For people.', 'No checkpoint covers the rows after row 1040 yet.'),
        }),
      )
      .meta({ description: 'What the proofs leave open, though no fault was found.' }),
    witnesses_known: count('How many hashes of these rows the keys service has kept.', 311),
    witnesses_verified: count(
      'How many of them were compared: of very many those at regular distances, and the last. Each stands for all rows before it.',
      311,
    ),
  })
  .meta({ id: 'AuditVerification', description: 'Whether the log is whole.' });

const personalValue = z.strictObject({
  name: stored('client_ip, user_agent, email, ….', 'client_ip'),
  value: stored('As it was.', '192.0.2.1'),
  salt: stored('32 bytes in hexadecimal.', '07'.repeat(32)),
});

const kind = <const Type extends string>(type: Type) =>
  z.literal(type).meta({ description: 'What kind of record it is.', examples: [type] });

export const exportRecord = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: kind('header'),
      version: z.literal(1).meta({ description: 'Of this form.', examples: [1] }),
      log_id: stored('Of the log.', UUID_EXAMPLE),
      from_chain_seq: count('The first row that was asked for.', 1),
      to_chain_seq: count('The last one; one less than the first if there is none.', 1042),
      is_selection: z.boolean().meta({
        description:
          'Only some of the rows in between are in it; a proof stands for those that lead to it without a gap.',
        examples: [false],
      }),
      previous_hash: hash('Of the row before the first one; zeros if that is the first of the log.'),
      base: checkpoint.nullable().meta({ description: 'What stands for rows that are no longer kept.' }),
    }),
    z.strictObject({ type: kind('signer'), ...signerFields }),
    z.strictObject({
      type: kind('event'),
      chain_seq: count('Its number.', 1042),
      event_id: stored('A UUID.', UUID_EXAMPLE),
      previous_hash: hash('Of the row before.'),
      hash: hash('Over the hash before and the body.'),
      body: stored('The bytes that were hashed: canonical JSON.', '{"action":"key.created",…}'),
      personal: z.array(personalValue).optional().meta({
        description:
          'Values that the body holds as salted digests, as far as they are not erased and may be seen.',
      }),
      altered_columns: alteredColumns,
    }),
    z.strictObject({ type: kind('checkpoint'), ...checkpointFields }),
    z.strictObject({ type: kind('end'), rows: count('How many events it has.', 1042) }),
  ])
  .meta({
    id: 'AuditExportRecord',
    description:
      'One line: a header, signers, then events with checkpoints after the rows that they cover, and an end. Without its end an export is not whole.',
  });
export type ExportRecordJson = z.infer<typeof exportRecord>;
