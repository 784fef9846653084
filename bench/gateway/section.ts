/** What sections have in common. */
import type { Results } from '../lib/results.ts';
import type { Setting } from './setting.ts';

export interface Extent {
  rounds: number;
  seconds: number;
  /** Of a large body. */
  largeBytes: number;
  /** Keys that are each used for the first time, and revoked. */
  keys: number;
}

export type Section = (setting: Setting, extent: Extent, results: Results) => Promise<void>;

/** Of the load. */
export const CONNECTIONS = 32;
/** What is asked for, below the upstream. */
export const RUN = '/api/2.0/mlflow/runs/get?run_id=0123456789abcdef0123456789abcdef';
