/** The audit log, from what people do on the running stack to what the command shows, exports and verifies. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@hokusai/testing';
import { ended, hokusai, start } from '../../packages/cli/test/support/command.ts';
import { runClient } from './support/client.ts';
import { queryRows } from './support/query.ts';
import { type CreatedKey, createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

interface Event {
  id: string;
  chain_seq: number;
  action: string;
  outcome: string;
  reason: string | null;
}

interface Verified {
  unproven: { code: string }[];
  signers: { public_key: string }[];
}

describe('the audit log, on the running stack,', function () {
  this.timeout(180_000);
  let stack: Stack;
  let folder: string;
  let asAdmin: Record<string, string>;
  let key: CreatedKey;
  let revoked: string;
  /** Of who signs the log. */
  let publicKey: string;

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    folder = await mkdtemp(join(tmpdir(), 'hokusai-e2e-audit-'));
    asAdmin = { HOKUSAI_API_URL: stack.gatewayUrl, HOKUSAI_API_KEY: stack.adminKey };
    key = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'audited', scopes: ['mlflow:read'] });
    const trackingUri = `${stack.gatewayUrl}/mlflow`;
    const client = { python: stack.python, trackingUri, credentials: { token: key.key } };
    assert.match(await runClient(client, 'refusal.py', 'create', 'refused'), /PERMISSION_DENIED/);
    const made = await hokusai(['auth', 'create-key', '--name', 'by command', '--json'], { env: asAdmin });
    revoked = String((JSON.parse(made.stdout) as { id: string }).id);
    const gone = await hokusai(['auth', 'revoke-key', revoked, '--yes'], { env: asAdmin });
    assert.equal(gone.code, 0, gone.stderr);
  });
  after(() => rm(folder, { recursive: true }));

  async function audit(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await hokusai(['audit', ...args], { env: asAdmin });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function eventsOf(keyId: string): Promise<Event[]> {
    const json = await audit('list', '--key', keyId, '--all', '--oldest-first', '--json');
    return (JSON.parse(json) as { data: Event[] }).data;
  }

  it('tells who made and revoked a key, and what was refused to one', async () => {
    await eventually(async () => {
      const actions = (await eventsOf(revoked)).map(({ action }) => action);
      assert.deepEqual(actions, ['key.created', 'key.revoked']);
    });
    const [first] = await eventsOf(revoked);
    const shown = await audit('show', String(first?.id));
    for (const part of [
      /Action +key\.created/,
      /name: by command/,
      new RegExp(`Address +${stack.clientAddress.replaceAll('.', '\\.')}\\s`),
      /Row +\d+, stored/,
    ])
      assert.match(shown, part);
    const { stdout } = await hokusai(['audit', 'list', '--target', revoked], { env: asAdmin });
    assert.match(stdout, /key\.revoked +success/);
  });

  it('is verified here, against what the keys service and the checkpoints folder have kept', async () => {
    // The first checkpoint comes within ten seconds.
    await eventually(
      async () => {
        const { code, stderr, stdout } = await hokusai(['audit', 'verify', '--json'], { env: asAdmin });
        assert.equal(code, 11, `${stdout}${stderr}`);
        const { unproven, signers } = JSON.parse(stdout) as Verified;
        assert.ok(!unproven.some(({ code }) => code === 'no_checkpoint'), stdout);
        publicKey = String(signers[0]?.public_key);
      },
      { timeoutMs: 60_000, intervalMs: 1000 },
    );
    assert.match(await audit('verify', '--public-key', publicKey), /Result +intact/);
    assert.match(await audit('verify', '--on-server'), /Witnesses +[1-9]\d* of/);
  });

  it('verifies as a file, and names the row that somebody has written into', async () => {
    const file = join(folder, 'audit.jsonl');
    await audit('export', '--output', file);
    await audit('verify', '--file', file, '--public-key', publicKey);
    const [event] = await eventsOf(key.id);
    const row = Number(event?.chain_seq);
    const lines = (await readFile(file, 'utf8')).split('\n');
    const index = lines.findIndex((line) => line.includes(`"type":"event","chain_seq":${row},`));
    lines[index] = String(lines[index]).replace('audited', 'harmless');
    const tampered = join(folder, 'tampered.jsonl');
    await writeFile(tampered, lines.join('\n'));
    const result = await hokusai(['audit', 'verify', '--file', tampered], { env: {} });
    assert.equal(result.code, 12, result.stderr);
    assert.match(result.stderr, new RegExp(`Row ${row}: `));
  });

  it('names the row that the owner of its tables has changed', async () => {
    const [event] = await eventsOf(key.id);
    const row = Number(event?.chain_seq);
    /** Past the triggers, which the owner can switch off. */
    const write = (note: string) =>
      queryRows(
        stack.env['AUDIT_OWNER_DATABASE_URL'],
        `alter table audit_events disable trigger audit_events_final;
         update audit_events set action = '${note}' where chain_seq = ${row};
         alter table audit_events enable always trigger audit_events_final`,
        [],
      );
    await write('key.harmless');
    try {
      const { code, stdout, stderr } = await hokusai(['audit', 'verify', '--public-key', publicKey], {
        env: asAdmin,
      });
      assert.equal(code, 12, `${stdout}${stderr}`);
      assert.match(stderr, new RegExp(`Row ${row}: `));
      assert.match(await audit('show', String(event?.id)), /key\.created/);
    } finally {
      await write('key.created');
    }
    await audit('verify', '--public-key', publicKey);
  });

  it('can be followed', async () => {
    const child = start(
      ['audit', 'tail', '--action', 'key.created', '--json', '--lines', '0', '--interval', '1s'],
      {
        env: asAdmin,
      },
    );
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      seen += String(chunk);
    });
    // New keys until the command, which takes its time to start, sees one.
    await eventually(
      async () => {
        await createKey(stack.gatewayUrl, stack.adminKey, { name: 'followed' });
        assert.match(seen, /"action":"key\.created"/);
      },
      { timeoutMs: 60_000, intervalMs: 1000 },
    );
    child.kill('SIGINT');
    assert.equal((await ended(child)).code, 0);
  });
});
