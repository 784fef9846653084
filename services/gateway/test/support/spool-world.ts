/** Gateways whose usage waits in one folder for one broker, on a clock that is moved by hand. */
import { type GatewayAnnouncement, SUBJECTS, type UsageBatch } from '@hokusai/contracts';
import { createUsageRecorder, type RunningUsageRecorder } from '../../src/events/usage-recorder.ts';
import { ManualTime } from './manual-time.ts';
import { MemorySpool } from './memory-spool.ts';
import { silentLogger } from './silent-logger.ts';
import { StubBus } from './stub-bus.ts';

export const FLUSH_MS = 250;
/** Longer than a write to the disk, so that what comes meanwhile is written while files are being sent. */
const PUBLISH_MS = 7;
export const MAX_BYTES = 64 * 1024;

/** A gateway process, as far as usage is concerned. */
export interface Gateway {
  incarnation: string;
  isAlive: boolean;
  recorder: RunningUsageRecorder;
  end: 'none' | 'killed' | 'closed';
  /** Of a killed one: numbers that the broker or the disk had by then. */
  durable: number[];
  /** It was killed when it had a folder. */
  isFound?: boolean;
}

/** Gateways over one folder and one broker. */
export class World {
  readonly time = new ManualTime();
  readonly disk = new MemorySpool(this.time);
  readonly bus = new StubBus();
  readonly gateways: Gateway[] = [];

  start(maxBytes = MAX_BYTES): Gateway {
    const incarnation = `6f1f3c9a-8b0e-4a53-9d2e-${String(this.gateways.length).padStart(12, '0')}`;
    const process = { isAlive: true };
    const gateway = Object.assign(process, { incarnation, end: 'none' as const, durable: [] as number[] });
    const recorder = createUsageRecorder({
      bus: { publish: (...message) => this.#publish(process, message) },
      incarnation,
      gateway: 'gw-1',
      flushMs: FLUSH_MS,
      flushEvents: 5,
      spool: { directory: this.disk.directory(process), maxBytes },
      clock: this.time,
      timers: {
        after: (delayMs, task) =>
          this.time.after(delayMs, () => {
            if (process.isAlive) task();
          }),
      },
      logger: silentLogger,
    });
    const started = Object.assign(gateway, { recorder });
    this.gateways.push(started);
    return started;
  }

  /** As by `kill -9`. */
  kill(gateway: Gateway): void {
    this.disk.kill(gateway);
    gateway.isFound = this.disk.folders.get(gateway.incarnation)?.account !== undefined;
    gateway.end = 'killed';
    gateway.durable = [...this.storedOf(gateway), ...this.disk.numbersOf(gateway.incarnation)];
  }

  /** If neither the broker nor the disk takes a goodbye, its end is as good as a kill's. */
  async stop(gateway: Gateway): Promise<void> {
    const isUnheard = this.disk.isFull;
    gateway.durable = [...this.storedOf(gateway), ...this.disk.numbersOf(gateway.incarnation)];
    const closed = gateway.recorder.close(3000);
    await this.time.advance(8000);
    await closed;
    gateway.end = isUnheard ? 'killed' : 'closed';
    gateway.isAlive = false;
  }

  get alive(): Gateway[] {
    return this.gateways.filter(({ isAlive }) => isAlive);
  }

  storedOf({ incarnation }: Gateway): number[] {
    const batches = this.bus.stored<UsageBatch>(SUBJECTS.usageRequests);
    const own = batches.filter((batch) => batch.incarnation === incarnation);
    return own.flatMap(({ requests }) => requests.map(({ sequence }) => sequence));
  }

  announcementsOf({ incarnation }: Gateway): GatewayAnnouncement[] {
    const all = this.bus.stored<GatewayAnnouncement>(SUBJECTS.usageGateways);
    return all.filter((one) => one.incarnation === incarnation);
  }

  async #publish(process: { isAlive: boolean }, message: Parameters<StubBus['publish']>): Promise<void> {
    await this.#pass(PUBLISH_MS);
    if (process.isAlive) await this.bus.publish(...message);
    // Whoever is dead hears of no outcome.
    if (!process.isAlive) await new Promise(() => {});
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve);
    });
  }
}
