import type { ResolvedConfig } from '../config/config.ts';

export interface PackageCredentials {
  trackingServerUsername?: string;
  trackingServerPassword?: string;
  trackingServerToken?: string;
}

/** The credentials as options of `@mlflow/core`, which falls back to `MLFLOW_TRACKING_*` for each by itself. */
export function packageCredentials({ credentials }: ResolvedConfig): PackageCredentials {
  const secret = credentials.reveal();
  if (secret.kind === 'bearer') return { trackingServerToken: secret.token };
  if (secret.kind === 'none') return {};
  return { trackingServerUsername: secret.username, trackingServerPassword: secret.password };
}
