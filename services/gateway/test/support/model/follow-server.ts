/** The keys service's side of one follow stream, as a model: it looks, tells, and splits what is much. */
import type { Position, Tick } from '../../../src/domain/trust.ts';
import type { Chronicle } from './chronicle.ts';
import type { Look, ModelDatabase } from './database.ts';

export type Told = { kind: 'tick'; tick: Tick; lookedAtMs: number } | { kind: 'reset' };

/** Few, so that looks with several ticks are common. */
const MAX_CHANGES_PER_TICK = 2;

/** A process of the keys service. While it is stalled its streams stay open, and nothing comes of them. */
export class ModelReplica {
  readonly database: ModelDatabase;
  readonly chronicle: Chronicle;
  isStalled = false;
  stalledAtStep = -1;

  constructor(database: ModelDatabase, chronicle: Chronicle) {
    this.database = database;
    this.chronicle = chronicle;
  }

  stall(): void {
    if (!this.isStalled) this.stalledAtStep = this.chronicle.step;
    this.isStalled = true;
  }

  goOn(): void {
    this.isStalled = false;
  }
}

export class ModelFollowServer {
  readonly replica: ModelReplica;
  /** Everything visible at this place has been told. */
  #told: Position | undefined;
  #lastTick: Tick | undefined;
  #number = 0n;
  #ping = 0n;
  #look: { look: Look; echo: bigint; step: number } | undefined;

  constructor(replica: ModelReplica, resumeFrom: Position | undefined) {
    this.replica = replica;
    this.#told = resumeFrom;
  }

  /** Something was seen that is not told yet. */
  get hasSeen(): boolean {
    return this.#look !== undefined;
  }

  receivePing(number: bigint): void {
    if (number > this.#ping) this.#ping = number;
  }

  /** The echo is settled, then the statement runs; `tell` may come much later. */
  look(): void {
    const { database, chronicle, isStalled } = this.replica;
    if (isStalled) return;
    const echo = this.#ping;
    this.#look = { look: database.look(this.#told?.cut ?? 0n), echo, step: chronicle.step };
  }

  tell(): Told[] {
    const { chronicle, isStalled, stalledAtStep } = this.replica;
    if (!this.#look || isStalled) return [];
    const { look, echo, step } = this.#look;
    this.#look = undefined;
    if (step < stalledAtStep) chronicle.note('a stalled replica went on with what it had seen before');
    const isLost = this.#isLost(look);
    if (isLost) this.#lastTick = undefined;
    const from = this.#told && !isLost ? this.#told.cut : look.read.cut;
    const ticks = this.#ticks({ ...look, rows: this.#rowsFrom(look, from) }, echo);
    this.#told = { epoch: look.read.epoch, cut: look.read.cut };
    const told: Told[] = ticks.map((tick) => ({ kind: 'tick', tick, lookedAtMs: look.read.readAtMs }));
    return isLost ? [{ kind: 'reset' }, ...told] : told;
  }

  #isLost({ read, trimmedBelow }: Look): boolean {
    const told = this.#told;
    return (
      told !== undefined && (told.epoch !== read.epoch || told.cut < trimmedBelow || told.cut > read.cut)
    );
  }

  #rowsFrom(look: Look, from: bigint): Look['rows'] {
    return look.rows.filter(({ xid }) => xid >= from);
  }

  /** All but the last claim no more than the tick before the look. */
  #ticks({ read, rows }: Look, echo: bigint): Tick[] {
    const before = this.#lastTick ?? { read, echo: 0n };
    const ticks: Tick[] = [];
    for (let start = 0; start === 0 || start < rows.length; start += MAX_CHANGES_PER_TICK) {
      const isLast = start + MAX_CHANGES_PER_TICK >= rows.length;
      this.#number += 1n;
      const changes = rows.slice(start, start + MAX_CHANGES_PER_TICK);
      const claim = isLast ? { read, echo } : { read: before.read, echo: before.echo };
      this.#lastTick = { number: this.#number, ...claim, changes };
      ticks.push(this.#lastTick);
    }
    return ticks;
  }
}
