import type { ResolvedConfig } from '../config/config.ts';
import type { Clock } from '../http/client.ts';
import type { ExitWatch } from './exit-watch.ts';
import type { SetTimer } from './timer.ts';

export type ManagerConfig = Pick<
  ResolvedConfig,
  'experimentName' | 'metricsBufferSize' | 'metricsFlushMs' | 'logger'
>;

export interface ManagerDependencies {
  clock: Pick<Clock, 'now'>;
  setTimer: SetTimer;
  exitWatch: ExitWatch;
  /** Tags of every run begun here, unless it has its own: who and what began it. */
  contextTags: Readonly<Record<string, string>>;
}
