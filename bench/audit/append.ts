/**
 * From the event stream to committed, chained rows: events are offered faster than the target, on the machine that the
 * broker, the database and the service with its signer run on as well. What came of it is counted in the database.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMERS, services } from '@hokusai/contracts';
import {
  consumerBacklog,
  createNats,
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
} from '@hokusai/testing';
import pg from 'pg';
import type { Extent } from '../lib/extent.ts';
import { startProcess } from '../lib/processes.ts';
import { cpuSecondsOfAll } from '../lib/processor-time.ts';
import { atLeast, atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { startService } from '../lib/service-process.ts';

const TARGET_EVENTS_PER_SECOND = 5000;
const OFFERED_EVENTS_PER_SECOND = 6000;
const SECONDS = 60;
const QUICK_SECONDS = 15;
/** Until everything has got going. */
const WARM_UP_SECONDS = 5;
const SETTLE_LIMIT_MS = 120_000;
const MEMORY_LIMIT_MIB = 256;
const MIB = 1024 * 1024;
const PUBLISHER = join(import.meta.dirname, 'publisher.ts');

export async function measureAppending({ isQuick }: Extent, results: Results): Promise<void> {
  const seconds = isQuick ? QUICK_SECONDS : SECONDS;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-checkpoints-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const [postgres, nats] = await Promise.all([createPostgresServer({ isDurable: true }), createNats()]);
  stack.use(postgres);
  stack.use(nats);
  const database = await postgres.createDatabase('audit');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  stack.defer(() => client.end());
  const service = await startService('audit', {
    AUDIT_DATABASE_URL: database.url,
    NATS_URL: nats.urls.audit,
    AUDIT_GRPC_PORT: String(await freePort()),
    AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
    AUDIT_SIGNING_KEYS: `s:${randomBytes(32).toString('base64url')}`,
    AUDIT_CHECKPOINT_DIR: folder,
    HEALTH_PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
  });
  stack.defer(() => service.stop());
  const appended = async () => {
    const { rows } = await client.query<{ chain_seq: string }>('select chain_seq from audit_head');
    return Number(rows[0]?.chain_seq);
  };

  results.row('offered', OFFERED_EVENTS_PER_SECOND, 'events/s');
  const cpuOfAll = cpuSecondsOfAll();
  const publishing = publish(nats.urls.keys, OFFERED_EVENTS_PER_SECOND, seconds + WARM_UP_SECONDS);
  await eventually(async () => {
    if ((await appended()) === 0) throw new Error('nothing is appended');
  });
  await sleep(WARM_UP_SECONDS * 1000);
  const [start, before] = [performance.now(), await appended()];
  const cpuOfService = service.cpuSeconds();
  await sleep(seconds * 1000);
  const count = (await appended()) - before;
  const rate = (count * 1000) / (performance.now() - start);
  const what = `appended and chained, sustained for ${seconds} s, in events/s`;
  results.target(atLeast(what, TARGET_EVENTS_PER_SECOND, rate));
  const perEvent = (service.cpuSeconds() - cpuOfService) / count;
  results.row('processor time of the audit service for each', perEvent * 1e6, 'µs');

  const published = await publishing;
  const settled = async () => {
    if ((await consumerBacklog(nats.urls.admin, CONSUMERS.auditAppend)) > 0)
      throw new Error('the service has not settled all messages');
  };
  await eventually(settled, { timeoutMs: SETTLE_LIMIT_MS, intervalMs: 500 });
  const ofAll = (cpuSecondsOfAll() - cpuOfAll) / published;
  results.row('processor time of everything for each, publishing included', ofAll * 1e6, 'µs');
  results.row('published', published, 'events');
  results.target(atMost('lost or doubled', 0, Math.abs(published - (await appended()))));
  const peak = service.peakResidentBytes() / MIB;
  results.target(atMost('memory of the audit service at its peak, in MiB', MEMORY_LIMIT_MIB, peak));
}

/** Resolves, at its end, with how many events it has published. */
async function publish(url: string, rate: number, seconds: number): Promise<number> {
  const child = startProcess([process.execPath, PUBLISHER, url, String(rate), String(seconds)], {
    isRead: true,
  });
  const ended = once(child, 'exit');
  const output = await text(child.stdout as NodeJS.ReadableStream);
  await ended;
  if (child.exitCode !== 0) throw new Error('the publisher has failed');
  return Number(output);
}
