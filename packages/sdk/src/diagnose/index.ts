import type { ExperimentManagerConfig } from '../config/config.ts';
import { type DiagnoseOptions, runDiagnosis } from './diagnose.ts';
import type { DiagnosisReport } from './report.ts';
import { systemDependencies } from './system.ts';

export type { DiagnoseOptions } from './diagnose.ts';
export type {
  Check,
  CheckName,
  CheckStatus,
  DiagnosisReport,
  FailureKind,
} from './report.ts';
export type { ArgumentNames } from './situation.ts';

/**
 * Looks for the reason why a connection fails, with the configuration that `createExperimentManager` would use: address,
 * certificate, gateway, key, MLflow, artifacts. Whatever it finds is in the report, which holds no secret; nothing is
 * thrown. Unless `readOnly` is set it writes, and deletes again, one run with one small file.
 */
export function diagnose(
  config: ExperimentManagerConfig = {},
  options: DiagnoseOptions = {},
): Promise<DiagnosisReport> {
  const clock = { now: Date.now, elapsed: () => performance.now() };
  return runDiagnosis(config, options, systemDependencies(options.env ?? process.env, clock));
}
