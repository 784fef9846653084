/**
 * From the event stream to committed rows: publishers offer somewhat more than the target for a minute, once in peace
 * and once while the service is killed again and again and what it stands on is restarted. What came of it is counted
 * in the database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Extent } from '../lib/extent.ts';
import { atLeast, atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { disturb } from './disturbance.ts';
import { type IngestSetting, type Publishing, startIngestSetting } from './ingest-setting.ts';

const TARGET_EVENTS_PER_SECOND = 30_000;
const OFFERED_EVENTS_PER_SECOND = 33_000;
const SECONDS = 60;
const QUICK_SECONDS = 15;
const MEMORY_LIMIT_MIB = 256;
const MIB = 1024 * 1024;

export async function measureIngest({ isQuick }: Extent, results: Results): Promise<void> {
  const setting = await startIngestSetting();
  results.row('offered', OFFERED_EVENTS_PER_SECOND, 'events/s');
  await measurePeace(setting, isQuick ? QUICK_SECONDS : SECONDS, results);
  if (!isQuick) await measureDisturbed(setting, results);
  await checkAccounts(setting, results);
  const peak = setting.service.peakResidentBytes() / MIB;
  results.target(atMost('memory of the usage service at its peak, in MiB', MEMORY_LIMIT_MIB, peak));
}

async function measurePeace(setting: IngestSetting, seconds: number, results: Results): Promise<void> {
  const publishing = setting.publish(OFFERED_EVENTS_PER_SECOND, seconds);
  await publishing.begun;
  const [start, committed, cpu] = [
    performance.now(),
    await publishing.committed(),
    setting.service.cpuSeconds(),
  ];
  await sleep(seconds * 1000);
  const rows = (await publishing.committed()) - committed;
  const rate = (rows * 1000) / (performance.now() - start);
  const cpuPerEvent = (setting.service.cpuSeconds() - cpu) / rows;
  results.target(
    atLeast(`committed, sustained for ${seconds} s, in events/s`, TARGET_EVENTS_PER_SECOND, rate),
  );
  results.row('processor time of the usage service for each', cpuPerEvent * 1e6, 'µs');
  await count(publishing, 'in peace', results);
}

async function measureDisturbed(setting: IngestSetting, results: Results): Promise<void> {
  const publishing = setting.publish(OFFERED_EVENTS_PER_SECOND, SECONDS);
  await publishing.begun;
  const start = performance.now();
  const { kills } = await disturb(setting, SECONDS * 1000);
  const committed = await publishing.committed();
  const rate = (committed * 1000) / (performance.now() - start);
  results.row(`committed, with ${kills} kills and two restarts`, rate, 'events/s');
  await count(publishing, 'disturbed', results);
}

/** What the service itself says of it, once it has rolled everything up. */
async function checkAccounts(setting: IngestSetting, results: Results): Promise<void> {
  const { isComplete, assigned, rolledUp, summedUp } = await setting.accounts();
  results.target(atLeast('integrity is complete (1: yes)', 1, isComplete ? 1 : 0));
  results.target(atMost('numbered and not rolled up', 0, assigned - rolledUp));
  results.target(atMost('numbered and not in the summary', 0, Math.abs(assigned - summedUp)));
}

/** When everything is settled. */
async function count(publishing: Publishing, when: string, results: Results): Promise<void> {
  const { assigned, lost, doubled } = await publishing.settled();
  results.row(`published, ${when}`, assigned, 'events');
  results.target(atMost(`lost, ${when}`, 0, lost));
  results.target(atMost(`doubled, ${when}`, 0, doubled));
}
