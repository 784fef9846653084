/** The keys service's side of one follow stream, as a model: it looks, tells, and splits what is much. */
import type { Position, Tick } from '../../../src/domain/trust.ts';
import type { Look, ModelDatabase } from './database.ts';

export type Told = { kind: 'tick'; tick: Tick } | { kind: 'reset' };

/** Few, so that looks with several ticks are common. */
const MAX_CHANGES_PER_TICK = 2;

export class ModelFollowServer {
  readonly #database: ModelDatabase;
  /** Everything visible at this place has been told. */
  #told: Position | undefined;
  #lastTick: Tick | undefined;
  #number = 0n;
  #ping = 0n;
  #look: { look: Look; echo: bigint } | undefined;

  constructor(database: ModelDatabase, resumeFrom: Position | undefined) {
    this.#database = database;
    this.#told = resumeFrom;
  }

  receivePing(number: bigint): void {
    if (number > this.#ping) this.#ping = number;
  }

  /** The echo is settled, then the statement runs; `tell` may come much later. */
  look(): void {
    const echo = this.#ping;
    this.#look = { look: this.#database.look(this.#told?.cut ?? 0n), echo };
  }

  tell(): Told[] {
    if (!this.#look) return [];
    const { look, echo } = this.#look;
    this.#look = undefined;
    const isLost = this.#isLost(look);
    if (isLost) this.#lastTick = undefined;
    const from = this.#told && !isLost ? this.#told.cut : look.read.cut;
    const ticks = this.#ticks({ ...look, rows: this.#rowsFrom(look, from) }, echo);
    this.#told = { epoch: look.read.epoch, cut: look.read.cut };
    const told: Told[] = ticks.map((tick) => ({ kind: 'tick', tick }));
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
