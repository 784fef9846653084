/** A model of what the database knows of gateways: the table `gateways`, and since when it has its epoch. */
import type { KnownGateway, Roster } from '../../../src/domain/receipt.ts';
import type { ModelStream } from './gateway.ts';

interface Row extends KnownGateway {
  lastPingNumber: bigint;
}

export class ModelRoster {
  #rows = new Map<string, Row>();
  #backup: ReadonlyMap<string, Row> = new Map();
  /** Noted by whoever first looks after a restart. */
  #notedEpoch: string;
  #epochSince: Date | null = null;

  constructor(epoch: string) {
    this.#notedEpoch = epoch;
  }

  /** What a replica is about to write of a follower. */
  static rowOf({ follower, hasLeft }: ModelStream, at: Date): Row {
    const { incarnation, gateway, trustMs } = follower.options;
    const { number: lastPingNumber, appliedCut } = follower.ping;
    const leftAt = hasLeft ? at : null;
    return {
      ...{ incarnation, gateway, trustMs, lastPingNumber, appliedCut, leftAt },
      ...{ lastPingAt: at, epoch: follower.appliedEpoch },
    };
  }

  /** By the rule of the service's `RECORD`: an overtaken stream changes nothing. */
  record(row: Row): void {
    const known = this.#rows.get(row.incarnation);
    if (known && row.lastPingNumber < known.lastPingNumber && !row.leftAt) return;
    const isNews = !known || row.lastPingNumber > known.lastPingNumber;
    this.#rows.set(row.incarnation, {
      ...row,
      lastPingNumber: isNews ? row.lastPingNumber : known.lastPingNumber,
      lastPingAt: isNews ? row.lastPingAt : known.lastPingAt,
    });
  }

  noteEpoch(epoch: string, at: Date): void {
    if (epoch !== this.#notedEpoch) this.#epochSince = at;
    this.#notedEpoch = epoch;
  }

  read(epoch: string, at: Date): Roster {
    this.noteEpoch(epoch, at);
    const gateways = Array.from(this.#rows.values(), (row) => ({ ...row }));
    return { readAt: at, epochSince: this.#epochSince, gateways };
  }

  backUp(): void {
    this.#backup = new Map(this.#rows);
  }

  restore(): void {
    this.#rows = new Map(this.#backup);
  }
}
