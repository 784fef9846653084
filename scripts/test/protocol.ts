/** Exit code of a suite that passed or failed but did not let go of everything it opened. */
export const LEAK_EXIT_CODE = 87;

export interface SuiteRequest {
  files: readonly string[];
  title?: string;
  timeoutMs: number;
  /** How long after its last test a suite may take to end by itself. */
  leakGraceMs: number;
  /** As in CI: `.only` is refused. */
  isStrict: boolean;
}

export interface SuiteReport {
  passed: number;
  /** Of each test or hook that failed: its file, its full title, and below them why. */
  failures: readonly string[];
  /** Full titles. */
  skipped: readonly string[];
}
