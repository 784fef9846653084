/** The page of all metrics, from their definitions. */
import { AUDIT_METRICS } from '../../services/audit/src/telemetry/definitions.ts';
import { GATEWAY_METRICS } from '../../services/gateway/src/telemetry/definitions.ts';
import { KEYS_METRICS } from '../../services/keys/src/telemetry/definitions.ts';
import { USAGE_METRICS } from '../../services/usage/src/telemetry/definitions.ts';
import { markdownTable } from './markdown-table.ts';

interface MetricDefinition {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** All of them, by the service that exposes them. */
export const METRICS_BY_SERVICE: Readonly<Record<string, readonly MetricDefinition[]>> = {
  gateway: Object.values(GATEWAY_METRICS),
  keys: Object.values(KEYS_METRICS),
  usage: Object.values(USAGE_METRICS),
  audit: Object.values(AUDIT_METRICS),
};

const INTRODUCTION = `# Metrics

What each service tells at \`GET /metrics\` on its health port (\`HEALTH_HOST\`, \`HEALTH_PORT\`), in Prometheus' text format.
This page is made from the definitions in code by \`npm run generate\`. How to scrape, look and be alarmed is told in
[monitoring](../operations/monitoring.md).

- A **histogram** has the series \`…_bucket\` (with the label \`le\`), \`…_sum\` and \`…_count\`.
- A gateway of several processes tells of all of them together. Ages are the largest one, all else is added up; what an
  ended process had counted, when it was last asked, stays in the sums.
- No metric names a key, a user or an address. Routes are templates, of which there are as many as MLflow has; a metric has
  2000 series at most, and what comes beyond is counted under \`other\`.
- \`key_class\` is \`live\` or \`test\`, by the environment of the key, and \`none\` where no key was proved.
- Beside these each process tells its CPU time, memory, file descriptors, event loop and garbage collection, by the names
  that they have everywhere: \`process_…\`, \`nodejs_…\`.
`;

export function metricsPage(): string {
  const parts = Object.entries(METRICS_BY_SERVICE).map(
    ([service, definitions]) => `\n## The ${service} service\n\n${tableOf(definitions)}`,
  );
  return INTRODUCTION + parts.join('');
}

function tableOf(definitions: readonly MetricDefinition[]): string {
  const rows = definitions.map(({ name, kind, labels, help }) => [
    `\`${name}\``,
    kind,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return markdownTable(['metric', 'kind', 'labels', ''], rows);
}
