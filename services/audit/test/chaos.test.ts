/**
 * Clients change keys through the gateway while the services and their servers are killed at random moments. What the
 * keys database has committed is compared with the audit log afterwards. `npm run soak -- audit` does it with 5,000
 * changes.
 */
import assert from 'node:assert/strict';
import type { Pool } from '@hokusai/service-kit';
import { eventually, streamMessages } from '@hokusai/testing';
import { poolOf, verdict, verify } from './support/audit-database.ts';
import { runClients, type Step } from './support/chaos/clients.ts';
import { differences } from './support/chaos/comparison.ts';
import { type Deployment, startDeployment, VICTIMS } from './support/chaos/deployment.ts';
import { type Evidence, type LogRow, readEvidence } from './support/chaos/evidence.ts';
import { type Killer, startKiller } from './support/chaos/killer.ts';
import { randomFrom } from './support/chaos/random.ts';
import { installRecorder } from './support/chaos/recorder.ts';

const soakMs = Number(process.env['HOKUSAI_SOAK_SECONDS'] ?? 0) * 1000;
const isSoak = soakMs > 0;
/** Choices are the same under the same seed; which moments the kills meet is up to the machine. */
const seed = Number(process.env['HOKUSAI_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const CHANGES = isSoak ? 5000 : 300;
const KILLS = isSoak ? 50 : 2 * VICTIMS.length;
const MOST_CHANGES_BETWEEN_KILLS = Math.floor((1.5 * CHANGES) / KILLS);
const MOST_DOWN_MS = 1000;
/** An event that got lost between broker and log is sent again after 30 s, then after a minute. */
const SETTLE_LIMIT_MS = 150_000;
const LOAD_LIMIT_MS = isSoak ? 30 * 60_000 + soakMs : 150_000;

describe(`keys that are changed while everything is killed (HOKUSAI_SOAK_SEED=${seed})`, function () {
  this.timeout(LOAD_LIMIT_MS + 2 * SETTLE_LIMIT_MS);
  let deployment: Deployment;
  let keys: Pool;
  let audit: Pool;
  let killer: Killer;
  let steps: Step[];
  let evidence: Evidence;

  before(async () => {
    deployment = await startDeployment(async ({ adminUrl }) => {
      keys = poolOf(adminUrl);
      await installRecorder(keys);
    });
    audit = poolOf(deployment.auditDatabase.adminUrl);
    const random = randomFrom(seed);
    const [forClients, forKiller] = [
      randomFrom(random.between(0, 2 ** 31)),
      randomFrom(random.between(0, 2 ** 31)),
    ];
    let answered = 0;
    let isKilling = true;
    killer = startKiller(deployment, forKiller, {
      ...{ kills: KILLS, mostWork: MOST_CHANGES_BETWEEN_KILLS, mostDownMs: MOST_DOWN_MS },
      progress: () => answered,
    });
    const killing = killer.done.finally(() => {
      isKilling = false;
    });
    const end = Date.now() + soakMs;
    const { url, adminKey } = deployment;
    const clients = { url, adminKey, random: forClients, onAnswer: () => (answered += 1) };
    const isEnough = () => answered >= CHANGES && !isKilling && Date.now() >= end;
    [steps] = await Promise.all([runClients(clients, isEnough), killing]);
    await deployment.ready();
    const settled = { timeoutMs: SETTLE_LIMIT_MS, intervalMs: 200 };
    // Each expiry is a change, and the last ones are still to come.
    const toExpire = 'select id from api_keys where is_active and expires_at is not null';
    await eventually(async () => assert.deepEqual((await keys.query(toExpire)).rows, []), settled);
    // Events that wait for more of their kind, for a minute: it is over.
    await keys.query(
      'update outbox set confirm_at = clock_timestamp() where sent_at is not null and attempts = 0',
    );
    const left = "select id, subject, parked_reason from outbox where subject like 'hokusai.audit.%'";
    await eventually(async () => assert.deepEqual((await keys.query(left)).rows, []), settled);
    evidence = await readEvidence(keys, audit);
  });

  after(async () => {
    killer?.stop();
    await killer?.done;
    await Promise.all([keys?.end(), audit?.end()]);
    await deployment?.[Symbol.asyncDispose]();
  });

  it('have been changed often enough, by all that can be done to them, under enough kills', () => {
    const done = steps.filter(({ status }) => status !== undefined && status < 300);
    const counts = [
      ...Map.groupBy(steps, ({ operation, status }) => `${operation} ${status ?? 'unknown'}`),
    ].map(([what, { length }]) => `${what}: ${length}`);
    const operations = new Set(done.map(({ operation }) => operation));
    assert.equal(operations.size, 9, counts.join(', '));
    assert.ok(evidence.recording.changes.length >= CHANGES);
    assert.ok(VICTIMS.every((victim) => killer.victims.includes(victim)));
    const known = new Set([200, 201, 204, 403, 404, 409, 422, undefined]);
    assert.deepEqual(
      steps.filter(({ status }) => !known.has(status)),
      [],
      counts.join(', '),
    );
    const lives = `${killer.victims.length} kills, ${evidence.recording.changes.length} changes, ${evidence.log.length} rows`;
    if (isSoak) process.stdout.write(`      ${lives}\n      ${counts.toSorted().join(', ')}\n`);
  });

  it('have exactly one audit event for each change, and each audit event its change', () => {
    assert.deepEqual(differences(evidence).slice(0, 20), []);
  });

  it('were changed as was answered, and once where it was asked for once', () => {
    const { events } = evidence.recording;
    const byRequest = Map.groupBy(
      events.filter(({ data }) => data.outcome === 'success'),
      ({ data }) => data.request_id ?? '',
    );
    const changesOf = ({ requestIds }: Step) =>
      requestIds.flatMap((requestId) => byRequest.get(requestId) ?? []);
    const wrong = steps.filter((step) => {
      const changes = changesOf(step);
      const isOnce = step.operation === 'create' || step.operation === 'rotate';
      const isDone = step.status !== undefined && step.status < 300;
      if (isOnce && changes.length > 1) return true;
      if (!isDone || !isOnce) return false;
      const [event] = changes;
      return event?.data.target?.id !== step.target || event.data.after?.['key_prefix'] !== step.keyPrefix;
    });
    assert.deepEqual(
      wrong.slice(0, 5).map((step) => ({ step, changes: changesOf(step) })),
      [],
    );
    const revoked = new Set(
      steps
        .filter(({ operation, status }) => operation === 'revoke' && status === 200)
        .map(({ target }) => target),
    );
    assert.ok(evidence.keys.every(({ id, revoked_at }) => !revoked.has(String(id)) || revoked_at !== null));
  });

  it('leave a chain that is whole, by its own word and recomputed here', async () => {
    assert.equal(verdict(await verify(audit)), `intact, ${evidence.log.length} rows`);
    const reader = {
      ...{ actingUserId: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', actingKeyId: '', isAdmin: true },
      ...{ requestId: '', clientIp: '' },
    };
    const witnesses = evidence.witnesses.map(({ chainSeq, hash }) => ({
      chainSeq,
      hash: Buffer.from(hash, 'hex'),
    }));
    const chain = await deployment.audit.call('VerifyChain', { reader, witnesses });
    assert.deepEqual([chain.intact, chain.problem], [true, '']);
    assert.ok(Number(chain.rowsVerified) >= evidence.log.length);
  });

  it('leave nothing behind that nobody could store', async () => {
    assert.deepEqual(await streamMessages(deployment.nats.urls.admin, 'DEADLETTER'), []);
  });

  describe('and the comparison notices', () => {
    const spoilt = (spoil: (copy: Evidence) => void): string[] => {
      const copy = structuredClone(evidence);
      spoil(copy);
      return differences(copy);
    };
    const someUpdate = ({ log }: Evidence) => log.findIndex(({ body }) => body.action === 'key.rotated');

    const FAULTS: Readonly<Record<string, [spoil: (copy: Evidence) => void, problem: RegExp]>> = {
      'an event that is not stored': [
        ({ log }) => void log.splice(log.length >> 1, 1),
        /0 times in the log|witness/,
      ],
      'an event that is stored twice': [({ log }) => void log.push(log[5] as LogRow), /more than once/],
      'an event that says something else': [
        (copy) => {
          const row = copy.log[someUpdate(copy)] as LogRow;
          row.body.after = { ...row.body.after, key_prefix: 'hk_live_x' };
        },
        /in the log \{/,
      ],
      'a change without an event': [
        ({ recording }) => {
          const index = recording.events.findIndex(({ data }) => data.action === 'key.updated');
          recording.events.splice(index, 1);
        },
        /has 0 events, not 1/,
      ],
      'an event without a change': [
        ({ recording }) => {
          const index = recording.changes.findIndex(({ kind, before }) => kind === 'key' && before !== null);
          recording.changes.splice(index, 1);
        },
        /which has not changed/,
      ],
      'a row that nobody wrote': [
        ({ log }) =>
          void log.push({ ...(log[9] as LogRow), eventId: '00000000-0000-4000-8000-000000000000' }),
        /was written by no change/,
      ],
      'events whose times are exchanged': [
        ({ log }) => {
          const rotations = log.filter(
            ({ body }) => body.action === 'key.rotated' && body.outcome === 'success',
          );
          const ofOneKey = Map.groupBy(rotations, ({ body }) => body.target?.id).values();
          const [first, second] = [...ofOneKey].find(({ length }) => length > 1) as [LogRow, LogRow];
          [first.body.occurred_at, second.body.occurred_at] = [
            second.body.occurred_at,
            first.body.occurred_at,
          ];
        },
        /was .* after /,
      ],
      'a row that was changed past the service': [
        ({ keys: rows }) => {
          const [row] = rows;
          if (row) row['name'] = 'somebody else';
        },
        /by the log/,
      ],
      'a witness of something else': [
        ({ witnesses }) => {
          const [witness] = witnesses;
          if (witness) witness.hash = '00';
        },
        /the witness of event/,
      ],
    };
    for (const [fault, [spoil, problem]] of Object.entries(FAULTS)) {
      it(fault, () => assert.match(spoilt(spoil).join('\n'), problem));
    }
  });
});
