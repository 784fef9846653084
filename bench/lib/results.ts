/** What was measured, printed as it comes. */
import type { Row, Target } from './report.ts';
import type { Quantiles } from './statistics.ts';

const NAME_WIDTH = 64;

export class Results {
  readonly rows: Row[] = [];
  readonly targets: Target[] = [];

  begin(section: string): void {
    console.log(`\n${section}`);
  }

  row(name: string, value: number, unit: string): void {
    this.rows.push({ name, value, unit });
    console.log(`  ${name.padEnd(NAME_WIDTH)}${value.toFixed(value < 10 ? 2 : 0).padStart(10)} ${unit}`);
  }

  quantiles(name: string, { p50, p99 }: Quantiles, unit: string): void {
    this.row(`${name}, p50`, p50, unit);
    this.row(`${name}, p99`, p99, unit);
  }

  target(target: Target): void {
    const { name, value, bound, target: wanted, met } = target;
    this.targets.push(target);
    const verdict = met ? '' : '   MISSED';
    console.log(`  ${name.padEnd(NAME_WIDTH)}${String(value).padStart(10)}   ${bound} ${wanted}${verdict}`);
  }

  /** What another measurement has found. */
  add({ rows, targets }: { rows: readonly Row[]; targets: readonly Target[] }): void {
    for (const { name, value, unit } of rows) this.row(name, value, unit);
    for (const target of targets) this.target(target);
  }
}
