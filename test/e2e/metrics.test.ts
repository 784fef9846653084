/** What the services expose after some work, compared with their definitions, the dashboard and the alerts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateAuthority, eventually, freePort } from '@hokusai/testing';
import { parse } from 'yaml';
import { METRICS_BY_SERVICE } from '../../scripts/generate/metrics.ts';
import { startAnotherGateway, startAnotherService } from './support/gateway.ts';
import { readQuery, type Selector } from './support/promql.ts';
import { call, createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const deploy = join(import.meta.dirname, '../../deploy');
/** Labels that Prometheus and its configuration give to every series. */
const OF_TARGETS = ['job', 'instance', 'service'];
/** What Prometheus itself tells of each target. */
const OWN_METRICS = new Map([['up', new Map<string, Set<string>>()]]);
const SEARCH = '/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
const GET = '/mlflow/api/2.0/mlflow/experiments/get';

/** By the name of a series, the values of its labels. */
type Exposed = Map<string, Map<string, Set<string>>>;

interface Asked {
  where: string;
  expr: string;
  /** Labels that a legend or summary shows. */
  shown: string[];
}

describe('metrics, of the running stack,', function () {
  this.timeout(180_000);
  let exposed: Exposed;
  const texts = new Map<string, string>();

  before(async function () {
    this.timeout(300_000);
    const stack = await sharedStack();
    const { adminKey } = stack;
    // The one whose metrics are read: what others do beside it, they count themselves.
    const url = `http://127.0.0.1:${stack.env['GATEWAY_PORT']}`;
    const { key } = await createKey(url, adminKey, {
      name: 'measured',
      burst_limit: 1,
      burst_window_seconds: 60,
    });
    for (const status of [200, 429]) assert.equal((await call(url, key, 'GET', SEARCH)).status, status);
    assert.equal((await fetch(`${url}${SEARCH}`)).status, 401);
    // Summaries are asked of the usage service, pages of the audit service.
    for (const path of ['/api/v1/usage/summary', '/api/v1/audit/events'])
      assert.equal((await call(url, adminKey, 'GET', path)).status, 200);
    // MLflow fails on a number that its database has no room for.
    assert.equal((await call(url, adminKey, 'GET', `${GET}?experiment_id=${'9'.repeat(23)}`)).status, 500);
    await eventually(async () => {
      for (const service of Object.keys(METRICS_BY_SERVICE)) {
        const port = stack.env[`${service.toUpperCase()}_HEALTH_PORT`];
        texts.set(service, await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
      }
      // It is looked at every ten seconds, and unknown before.
      assert.match(texts.get('keys') ?? '', /^hokusai_keys_outbox_age_seconds /m);
    });
    const all = [...(await ofCertified(stack)), ...texts.values()];
    exposed = new Map(all.flatMap((text) => [...seriesOf(text)]));
  });

  for (const [service, definitions] of Object.entries(METRICS_BY_SERVICE))
    it(`are those that the ${service} service defines, with their labels, and no others`, () => {
      const text = texts.get(service) ?? '';
      const types = [...text.matchAll(/^# TYPE (hokusai_\S+) (\w+)$/gm)].map(
        ([, name, type]) => `${name} ${type}`,
      );
      assert.deepEqual(types.toSorted(), definitions.map(({ name, kind }) => `${name} ${kind}`).toSorted());
      for (const { name, kind, labels } of definitions) {
        const series = exposed.get(kind === 'histogram' ? `${name}_count` : name);
        assert.ok(series, `${name} has no series after all that was done`);
        assert.deepEqual([...series.keys()].toSorted(), labels.toSorted(), name);
      }
    });

  it('count what was done, by route and class of key, and why it was refused', () => {
    const gateway = texts.get('gateway') ?? '';
    const route = 'upstream="mlflow",route="/api/2.0/mlflow/experiments/search",method="GET"';
    for (const rest of [
      'status="2xx",key_class="live"',
      'status="4xx",key_class="live"',
      'status="4xx",key_class="none"',
    ])
      assert.match(gateway, new RegExp(`^hokusai_gateway_requests_total{${route},${rest}} [1-9]`, 'm'));
    for (const line of ['errors_total{reason="rate_limited"}', 'limit_refusals_total{window="burst"}'])
      assert.match(gateway, new RegExp(`^hokusai_gateway_${line} [1-9]`, 'm'));
  });

  it('are what the queries of the dashboard and the alerts ask for', async () => {
    const asked = [...(await askedByDashboard()), ...(await askedByAlerts())];
    assert.ok(asked.length > 50, `there are only ${asked.length} queries`);
    const problems = asked.flatMap((one) =>
      problemsOf(one, exposed).map((problem) => `${one.where}: ${problem}`),
    );
    assert.deepEqual(problems, []);
  });

  it('would be missed where a query asks for another name, label or value', () => {
    const wrong = [
      'sum(rate(hokusai_gateway_request_total[5m]))',
      'hokusai_gateway_requests_total{code="5xx"}',
      'hokusai_gateway_spool_bytes{events="none"}',
      'sum by (user) (hokusai_gateway_spool_bytes)',
    ];
    for (const expr of wrong)
      assert.equal(problemsOf({ where: '', expr, shown: [] }, exposed).length, 1, expr);
    const shown = { where: '', expr: 'sum by (events) (hokusai_gateway_spool_bytes)', shown: ['instance'] };
    assert.equal(problemsOf(shown, exposed).length, 1);
    assert.throws(() => readQuery('sum by (le (hokusai_gateway_spool_bytes)'), /no PromQL/);
  });
});

/** The metrics of one more of each service, which has a certificate: those of the stack need none on one machine. */
async function ofCertified(stack: Stack): Promise<string[]> {
  const authority = new CertificateAuthority();
  const { certificate, key } = authority.issue({ commonName: 'localhost', altName: 'DNS:localhost' });
  authority.close();
  return await Promise.all(
    (['gateway', 'keys', 'usage', 'audit'] as const).map(async (name) => {
      const port = String(await freePort());
      const prefix = name === 'gateway' ? 'GATEWAY' : `${name.toUpperCase()}_GRPC`;
      const settings = {
        HEALTH_PORT: port,
        [`${prefix}_TLS_CERT`]: certificate,
        [`${prefix}_TLS_KEY`]: key,
      };
      await using _service =
        name === 'gateway'
          ? (await startAnotherGateway(stack, settings)).service
          : await startAnotherService(stack, name, settings);
      return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    }),
  );
}

/** Everything in Prometheus' text format, by the names of its series. */
function seriesOf(text: string): Exposed {
  const all: Exposed = new Map();
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = all.get(name) ?? new Map<string, Set<string>>();
    all.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return all;
}

function problemsOf({ expr, shown }: Asked, exposed: Exposed): string[] {
  const { selectors, grouping } = readQuery(expr);
  const problems = selectors.flatMap((selector) => problemsOfSelector(selector, exposed));
  if (problems.length > 0) return problems;
  const labels = selectors.flatMap(({ metric }) => [...(exposed.get(metric)?.keys() ?? [])]);
  const known = new Set([...OF_TARGETS, ...labels]);
  const left = grouping.length > 0 ? new Set(grouping) : known;
  return [
    ...grouping
      .filter((label) => !known.has(label))
      .map((label) => `nothing that is asked for has the label ${label}`),
    ...shown.filter((label) => !left.has(label)).map((label) => `${label} is not left to be shown`),
  ];
}

function problemsOfSelector({ metric, matchers }: Selector, exposed: Exposed): string[] {
  const series = exposed.get(metric) ?? OWN_METRICS.get(metric);
  if (!series) return [`nobody exposes ${metric}`];
  return matchers
    .filter(({ label }) => !OF_TARGETS.includes(label))
    .flatMap(({ label, operator, value }) => {
      const values = series.get(label);
      if (!values) return [`${metric} has no label ${label}`];
      return operator === '=' && !values.has(value) ? [`${metric} has no ${label}="${value}"`] : [];
    });
}

async function askedByDashboard(): Promise<Asked[]> {
  const { panels } = JSON.parse(await readFile(join(deploy, 'grafana/hokusai.json'), 'utf8')) as {
    panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      where: `panel "${title}"`,
      // Grafana puts the interval in before Prometheus sees the query.
      expr: expr.replaceAll('$__rate_interval', '5m'),
      shown: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  );
}

async function askedByAlerts(): Promise<Asked[]> {
  const { groups } = parse(await readFile(join(deploy, 'prometheus/alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
  };
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, annotations }) => ({
      where: `alert ${alert}`,
      expr,
      shown: [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    })),
  );
}
