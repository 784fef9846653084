/** What an audit service counts and measures. */
import { gauge, serviceMetrics } from '@hokusai/service-kit';

export const AUDIT_METRICS = {
  ...serviceMetrics('audit'),
  checkpointProblem: gauge(
    'hokusai_audit_checkpoint_problem',
    '1 if checkpoints are not signed or not taken out as they should be; /readyz says why.',
    [],
    'max',
  ),
};
