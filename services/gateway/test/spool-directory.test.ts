/** The spool's folder on a real disk, and its locks among real processes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, systemClock } from '@hokusai/service-kit';
import { eventually } from '@hokusai/testing';
import { spoolDirectory } from '../src/events/spool/directory.ts';
import { systemTimers } from '../src/events/timers.ts';
import { createUsageRecorder } from '../src/events/usage-recorder.ts';
import { silentLogger } from './support/silent-logger.ts';
import { StubBus } from './support/stub-bus.ts';
import { SOME_REQUEST } from './support/usage-request.ts';

const HOLDER = new URL('support/lock-holder.ts', import.meta.url).pathname;
const ACCOUNT = {
  gateway: 'gw-1',
  opened_at: '2025-01-15T12:00:00.000Z',
  closed_at: null,
  assigned: 0,
  dropped: 0,
};

describe('the folder of the spool', function () {
  this.timeout(60_000);
  let path: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'hokusai-spool-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(path, { recursive: true });
  });

  /** Another process, and whether it got the lock. */
  const otherProcess = async (incarnation: string) => {
    const args = ['--disable-warning=ExperimentalWarning', HOLDER, join(path, incarnation, 'lock')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString().trim() };
  };
  const recorderOn = (bus: StubBus, log: Logger = silentLogger) => {
    const incarnation = randomUUID();
    const recorder = createUsageRecorder({
      bus,
      incarnation,
      gateway: 'gw-1',
      flushMs: 10,
      flushEvents: 5,
      spool: { directory: spoolDirectory(path), maxBytes: 1024 * 1024 },
      clock: systemClock,
      timers: systemTimers,
      logger: log,
    });
    const record = (count: number) => {
      for (let index = 0; index < count; index += 1) recorder.request(SOME_REQUEST);
    };
    return { recorder, incarnation, folder: join(path, incarnation), record };
  };

  it('is refused to everybody but its holder, and free when that is killed', async () => {
    const incarnation = randomUUID();
    const folder = await spoolDirectory(path).create(incarnation);
    assert.equal((await otherProcess(incarnation)).said, 'refused');
    assert.deepEqual(await spoolDirectory(path).adopt(() => false), []);
    folder.release();
    const { child, said } = await otherProcess(incarnation);
    assert.equal(said, 'held');
    assert.deepEqual(await spoolDirectory(path).adopt(() => false), []);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [adopted, ...more] = await spoolDirectory(path).adopt(() => false);
    assert.deepEqual([adopted?.incarnation, more], [incarnation, []]);
    assert.deepEqual(await spoolDirectory(path).adopt(() => false), []);
    await adopted?.discard();
    assert.deepEqual(readdirSync(path), []);
  });

  it('is its owner’s alone, with all that is in it', async () => {
    const incarnation = randomUUID();
    const folder = await spoolDirectory(join(path, 'new')).create(incarnation);
    await folder.writeAccount(ACCOUNT);
    await folder.append(1, Buffer.from('one'), 0);
    const mode = (...names: string[]) => statSync(join(path, 'new', ...names)).mode & 0o777;
    assert.deepEqual([mode(), mode(incarnation)], [0o700, 0o700]);
    const files = readdirSync(join(path, 'new', incarnation));
    assert.deepEqual(files.toSorted(), ['00000001.batches', 'account.json', 'lock']);
    for (const name of files) assert.equal(mode(incarnation, name), 0o600, name);
    folder.release();
  });

  it('keeps what it is told, in order, and does without an account that can not be read', async () => {
    const incarnation = randomUUID();
    const folder = await spoolDirectory(path).create(incarnation);
    for (const number of [10, 9, 100_000_000]) await folder.append(number, Buffer.from(`${number}`), 0);
    await folder.append(9, Buffer.from('!'), 1);
    assert.deepEqual(await folder.list(), [
      { number: 9, bytes: 2 },
      { number: 10, bytes: 2 },
      { number: 100_000_000, bytes: 9 },
    ]);
    assert.equal((await folder.read(9))?.toString(), '9!');
    await folder.remove(9);
    assert.equal(await folder.read(9), undefined);
    assert.equal(await folder.readAccount(), undefined);
    await folder.writeAccount(ACCOUNT);
    assert.deepEqual(await folder.readAccount(), ACCOUNT);
    writeFileSync(join(path, incarnation, 'account.json'), '{"gateway":');
    assert.equal(await folder.readAccount(), undefined);
    await folder.discard();
    assert.ok(existsSync(join(path, incarnation, 'lock')), 'batches that are there keep their lock');
  });

  it('leaves alone what it does not know, and takes away what is left of an interrupted removal', async () => {
    const empty = randomUUID();
    const strange = randomUUID();
    mkdirSync(join(path, empty));
    mkdirSync(join(path, strange));
    writeFileSync(join(path, strange, 'notes.txt'), 'mine');
    writeFileSync(join(path, 'notes.txt'), 'mine');
    assert.deepEqual(await spoolDirectory(path).adopt(() => false), []);
    assert.deepEqual(readdirSync(path).toSorted(), [strange, 'notes.txt'].toSorted());
  });

  it('gives what was written before a record that was cut off', async () => {
    const away = new StubBus();
    away.outcome = () => 'refused';
    const first = recorderOn(away);
    first.record(15);
    const file = join(first.folder, '00000001.batches');
    const ids = () => readFileSync(file, 'latin1').match(new RegExp(`"${first.incarnation}:\\d+"`, 'g'));
    await eventually(() => assert.ok((ids()?.length ?? 0) >= 3));
    await first.recorder.close(20);
    truncateSync(file, statSync(file).size - 10);
    const bus = new StubBus();
    const second = recorderOn(bus);
    await eventually(() => assert.ok(!existsSync(first.folder)));
    const closed = bus.stored<{ kind?: string; requests?: unknown[] }>('hokusai.usage.v1.gateways');
    assert.ok(closed.some(({ kind }) => kind === 'closed'));
    const batches = bus.stored<{ requests: unknown[] }>('hokusai.usage.v1.requests');
    assert.deepEqual(
      batches.map(({ requests }) => requests.length),
      [5, 5],
    );
    await second.recorder.close(1000);
  });

  it('is done without when it vanishes: nothing that comes after that is lost', async () => {
    const bus = new StubBus();
    const { recorder, folder, record } = recorderOn(bus);
    await eventually(() => assert.ok(existsSync(folder)));
    rmSync(folder, { recursive: true });
    bus.outcome = () => 'refused';
    record(20);
    await eventually(() => assert.ok(bus.attempts.length > 8));
    bus.outcome = () => 'stored';
    await eventually(() => assert.equal(recorder.counts().flushed, 20));
    assert.equal(recorder.counts().dropped, 0);
    await recorder.close(1000);
  });
});
