/** What a usage service counts and measures. */
import { serviceMetrics } from '@hokusai/service-kit';

export const USAGE_METRICS = serviceMetrics('usage');
