/** What a diagnosis comes to. */

/** In the order in which they are made. Stable, as are statuses and kinds of failure: add, never rename. */
export const CHECK_NAMES = [
  'configuration',
  'dns',
  'tcp',
  'tls',
  'gateway',
  'clock',
  'key',
  'expiry',
  'scopes',
  'mlflow',
  'bypass',
  'artifacts',
  'python',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** `warning`: it works, or works here, and something will surprise. `skipped`: not looked at; `saw` says why. */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What kind of thing failed; each has an exit code of `hokusai doctor`. */
export type FailureKind =
  | 'configuration'
  | 'unauthenticated'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'incomplete';

/** What came of one check. */
export interface Outcome {
  status: CheckStatus;
  /** Whole sentences, without secrets: of a key its public prefix. */
  saw: string;
  /** What to do, a sentence each. */
  advice: readonly string[];
  /** null unless it failed. */
  failure: FailureKind | null;
}

export interface Check extends Outcome {
  name: CheckName;
}

export interface DiagnosisReport {
  /** `failed` if any check did, else `warning` if any gave one. */
  verdict: 'ok' | 'warning' | 'failed';
  /** Of the first check that failed; null if none did. */
  failure: FailureKind | null;
  /** The tracking URI that was looked at; null if the configuration names none that can be used. */
  target: string | null;
  /** All of `CHECK_NAMES`, in their order. */
  checks: readonly Check[];
}

export function ok(saw: string, advice: readonly string[] = []): Outcome {
  return { status: 'ok', saw, advice, failure: null };
}

export function warning(saw: string, advice: readonly string[]): Outcome {
  return { status: 'warning', saw, advice, failure: null };
}

export function failed(failure: FailureKind, saw: string, advice: readonly string[]): Outcome {
  return { status: 'failed', saw, advice, failure };
}

export function skipped(saw: string, advice: readonly string[] = []): Outcome {
  return { status: 'skipped', saw, advice, failure: null };
}

export function reportOf(target: string | null, checks: readonly Check[]): DiagnosisReport {
  const first = checks.find(({ status }) => status === 'failed');
  const verdict = (['failed', 'warning'] as const).find((worse) =>
    checks.some(({ status }) => status === worse),
  );
  return { verdict: verdict ?? 'ok', failure: first?.failure ?? null, target, checks };
}
