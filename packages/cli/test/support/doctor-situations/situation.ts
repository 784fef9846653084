/** One thing that may be wrong with a connection, and what the doctors are to say of it. */
import type { CheckName, CheckStatus, FailureKind } from '@hokusai/ml-platform';
import type { DoctorGateway, Handler } from '../doctor-gateway.ts';

export interface Situation {
  name: string;
  /** Instead of, or besides, the address and the token; an empty one counts as not set. */
  env?: (gateway: DoctorGateway) => Record<string, string>;
  args?: (gateway: DoctorGateway) => string[];
  /** Files of the home folder, by their path. */
  files?: Record<string, string>;
  /** What the gateway answers differently, by the beginning of `METHOD /path`. */
  answers?: Record<string, Handler>;
  /** Where it differs from a sound connection; what is not looked at is left out. */
  checks: Partial<Record<CheckName, CheckStatus>>;
  failure?: FailureKind;
  /** In what the named check saw, and in its advice. */
  says?: Partial<Record<CheckName, RegExp>>;
}

/** Of a key's form, and another one. */
export const OTHER_KEY = `hk_live_OTHER0000000${'c'.repeat(38)}`;

export const VERSION = 'GET /api/v1/version';
export const WHOAMI = 'GET /api/v1/auth/whoami';

export function uri(value: string): () => Record<string, string> {
  return () => ({ MLFLOW_TRACKING_URI: value });
}

export function token(value: string): () => Record<string, string> {
  return () => ({ MLFLOW_TRACKING_TOKEN: value });
}
