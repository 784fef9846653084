/** The documented programs that follow events from outside, in TypeScript and Python, against a real broker. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditSubject, cloudEvent, keyEventSubject, SUBSCRIBER_STREAMS } from '@hokusai/contracts';
import { createNats, eventually, pythonEnvironment, type TestNats } from '@hokusai/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { provisionBus } from '../src/index.ts';
import { natsOptionsOf } from '../src/nats/connection.ts';
import { type Program, startProgram } from './support/example-program.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'docs/examples/events');
const TOLD = { timeoutMs: 60_000 };

const CREATED = keyEventSubject('created');
const CHANGED = auditSubject('keys', 'key.created');
const REFUSED = auditSubject('gateway', 'auth.refused');

let python: string;
const languages = [
  { name: 'TypeScript', run: (file: string) => [process.execPath, `${examples}/typescript/${file}.ts`] },
  { name: 'Python', run: (file: string) => [python, `${examples}/python/${file}.py`] },
] as const;

describe('the documented followers of events', function () {
  this.timeout(120_000);
  let folder: string;
  let nats: TestNats;
  let admin: NatsConnection;
  let programs: Program[];

  before(async function () {
    this.timeout(180_000);
    python = await pythonEnvironment('docs/examples/events/python/requirements.lock.txt');
  });

  beforeEach(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), 'hokusai-events-'));
    programs = [];
    nats = await createNats();
    admin = await connect({ ...natsOptionsOf(nats.urls.admin), maxReconnectAttempts: -1 });
  });

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.stop('SIGKILL')));
    await admin.close();
    await nats.close();
    rmSync(folder, { recursive: true });
  });

  /** Publishes as the outbox does; resolves with the event's id once the stream has it. */
  async function publish(subject: string, id: string = randomUUID()): Promise<string> {
    const data = { name: 'ü\n\u009b' };
    const event = cloudEvent({ id, source: '/hokusai/test', subject, time: new Date(), data });
    await jetstream(admin).publish(subject, JSON.stringify(event), { retries: 10 });
    return id;
  }

  function start(command: readonly string[], url: string | undefined = nats.urls.subscriber): Program {
    const env = url === '' ? {} : { NATS_SUBSCRIBER_URL: url };
    const program = startProgram(command as [string, ...string[]], env);
    programs.push(program);
    return program;
  }

  const idsOf = ({ lines }: Program) => lines.map((line) => line.split(' ')[2]);
  const prints = (program: Program, ids: readonly string[]) =>
    eventually(
      () => assert.deepEqual(idsOf(program).toSorted(), ids.toSorted(), program.said.join('\n')),
      TOLD,
    );

  it('know the streams that there are to follow', () => {
    for (const file of ['typescript/follow.ts', 'python/follow.py']) {
      const [, list = ''] =
        /^(?:const )?STREAMS = (\[.*\])/m.exec(readFileSync(join(examples, file), 'utf8')) ?? [];
      assert.deepEqual(
        JSON.parse(list.replaceAll("'", '"')),
        SUBSCRIBER_STREAMS.map(({ name }) => name),
      );
    }
  });

  it('print the same in both languages', async () => {
    for (const subject of [CREATED, CHANGED, REFUSED]) await publish(subject);
    const [typescript, inPython] = languages.map(({ name, run }) =>
      start([...run('follow'), '--position', join(folder, name)]),
    ) as [Program, Program];
    await eventually(() => assert.deepEqual([typescript.lines.length, inPython.lines.length], [3, 3]), TOLD);
    assert.deepEqual(typescript.lines.toSorted(), inPython.lines.toSorted());
    const [line = ''] = typescript.lines.toSorted().filter((text) => text.includes('keys.v1'));
    assert.match(line, /^\S+Z keys\.v1\.events\.created [\w-]{36} \{"name":"\\u00fc\\n\\u009b"\}$/);
  });

  for (const { name, run } of languages)
    describe(`in ${name}`, () => {
      const position = () => join(folder, 'position.json');
      const follow = (...args: string[]) => start([...run('follow'), '--position', position(), ...args]);

      it('listens to what happens from now on, each event once, also after an outage', async () => {
        await publish(CREATED);
        const program = start(run('listen'));
        await program.says('listening');
        const first = [await publish(CREATED), await publish(CHANGED), await publish(REFUSED)];
        await publish(CHANGED, first[1]);
        await prints(program, first);
        await nats.stop();
        await program.says('disconnected');
        await nats.start();
        await program.says('connected again');
        await prints(program, [...first, await publish(CREATED)]);
        assert.equal(await program.stop(), 0);
      });

      it('follows what was, what is, and what was while it was away', async () => {
        const ids = [await publish(CREATED), await publish(CHANGED), await publish(REFUSED)];
        const first = follow();
        await prints(first, ids);
        ids.push(await publish(CREATED), await publish(CHANGED));
        await prints(first, ids);
        assert.equal(await first.stop(), 0);

        const missed = await Promise.all(Array.from({ length: 600 }, () => publish(CHANGED)));
        // Sent again, hours later as it were: not within the stream's own window for repetitions.
        await publish(CREATED, ids[0]);
        await publish(CHANGED, missed[3]);
        const second = follow();
        await prints(second, missed);
        assert.equal(await second.stop('SIGINT'), 0);

        const third = follow();
        await prints(third, [await publish(CREATED)]);
      });

      it('goes on after NATS was killed, without loss or repetition', async () => {
        const ids = [await publish(CREATED)];
        const program = follow();
        await prints(program, ids);
        await nats.kill();
        await program.says('disconnected');
        await nats.start();
        ids.push(await publish(CREATED), await publish(CHANGED));
        await program.says('connected again');
        await prints(program, ids);
      });

      it('loses nothing of what was published while it was killed', async () => {
        const ids = await Promise.all(Array.from({ length: 300 }, () => publish(CHANGED)));
        const program = follow();
        await eventually(() => assert.ok(program.lines.length > 0), TOLD);
        await program.stop('SIGKILL');
        ids.push(await publish(CHANGED));
        const next = follow();
        await eventually(
          () =>
            assert.deepEqual([...new Set([...idsOf(program), ...idsOf(next)])].toSorted(), ids.toSorted()),
          TOLD,
        );
      });

      it('ends in order also during an outage', async () => {
        const program = follow();
        await prints(program, [await publish(CREATED)]);
        await nats.stop();
        await program.says('disconnected');
        assert.equal(await program.stop(), 0);
        assert.ok(!program.said.some((line) => /Traceback|Error/.test(line)), program.said.join('\n'));
      });

      it('reads a stream that was made anew from its beginning, and says so', async () => {
        const first = follow('KEYS');
        await prints(first, [await publish(CREATED), await publish(CREATED), await publish(CREATED)]);
        await first.stop();
        await (await jetstreamManager(admin)).streams.delete('KEYS');
        await provisionBus(nats.urls.admin);
        const id = await publish(CREATED);
        const second = follow('KEYS');
        await prints(second, [id]);
        await second.says('KEYS is not the stream that it was');
      });

      it('says how many events it came too late for', async () => {
        const first = follow('KEYS');
        await prints(first, [await publish(CREATED)]);
        await first.stop();
        await Promise.all([publish(CREATED), publish(CREATED), publish(CREATED)]);
        await (await jetstreamManager(admin)).streams.purge('KEYS', { seq: 4 });
        const second = follow('KEYS');
        await second.says('KEYS: 2 events before 4 are no longer kept');
      });

      it('begins where it is told, with the streams that it is told', async () => {
        await publish(CREATED);
        await publish(CHANGED);
        // Times are told in whole milliseconds.
        const since = new Date(Date.now() + 1).toISOString();
        await eventually(() => assert.ok(new Date().toISOString() > since));
        const id = await publish(CREATED);
        await publish(CHANGED);
        const program = follow('--since', since, 'KEYS');
        await prints(program, [id]);
      });

      it('passes over what is no event, and says so', async () => {
        for (const text of ['{', '[]', 'null', '{"specversion":"1.0"}'])
          await jetstream(admin).publish(CREATED, text);
        const program = follow();
        await prints(program, [await publish(CREATED)]);
        await program.says('KEYS 1 is no CloudEvents 1.0 event; skipped');
        await program.says('KEYS 4 is no');
      });

      for (const file of ['listen', 'follow'])
        describe(`${file} says what is wrong`, () => {
          const command = () => [...run(file), ...(file === 'follow' ? ['--position', position()] : [])];

          async function fails(url: string, message: RegExp): Promise<void> {
            const program = start(command(), url);
            assert.equal(await program.ended, 1, program.said.join('\n'));
            assert.match(program.said.join('\n'), message);
            assert.ok(!program.said.some((line) => /Traceback|^ {4}at /.test(line)), program.said.join('\n'));
            assert.deepEqual(program.lines, []);
          }

          it('without an address', () => fails('', /^set NATS_SUBSCRIBER_URL to nats:/));

          it('with a wrong password, or a wrong user', async () => {
            const message =
              /^NATS knows no such user, or not with this password: look at NATS_SUBSCRIBER_URL$/;
            const { host, password } = new URL(nats.urls.subscriber);
            await fails(`nats://subscriber:wrong@${host}`, message);
            await fails(`nats://nobody:${password}@${host}`, message);
          });

          it('as a user who may not do it', () =>
            fails(nats.urls.usage, /NATS refuses this user .*: is it the subscriber's\?/));

          it('where nobody answers', async () => {
            await nats.stop();
            await fails(nats.urls.subscriber, /^no connection to /);
          });
        });

      it('names the arguments that are missing or wrong', async () => {
        const none = start(run('follow'));
        assert.notEqual(await none.ended, 0);
        assert.match(none.said.join('\n'), /--position/);
        const time = follow('--since', 'yesterday');
        assert.notEqual(await time.ended, 0);
        assert.match(time.said.join('\n'), /--since/);
        const wrong = follow('USAGE');
        assert.notEqual(await wrong.ended, 0);
        assert.match(wrong.said.join('\n'), /no such stream: USAGE; there are AUDIT/);
      });
    });
});
