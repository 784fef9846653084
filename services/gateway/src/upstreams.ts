/** The table of upstreams, opened: MLflow, and what the configuration adds. */
import type { Lifecycle, Logger } from '@hokusai/service-kit';
import type { GatewayConfig } from './config.ts';
import { isArtifactDownload, isStaticFile, mlflowPolicy } from './domain/routes/index.ts';
import type { RoutePolicy } from './domain/routes/route-decision.ts';
import { createRoutePolicy, type RouteSwitches } from './domain/routes/route-policy.ts';
import type { RunningRequests } from './http/running-requests.ts';
import type { Upstream } from './http/upstream-door.ts';
import { openUpstream, type UpstreamOptions } from './http/upstream-target.ts';
import { rulesOf, type UpstreamRow } from './upstream-rows.ts';

/** What rows don't say themselves. */
export interface UpstreamDefaults
  extends Pick<UpstreamOptions, 'timeouts' | 'maxInFlight' | 'running' | 'logger'> {
  switches: RouteSwitches;
}

/** `running` is shared by all rows. */
export function openUpstreams(
  config: GatewayConfig,
  running: RunningRequests,
  logger: Logger,
  lifecycle: Lifecycle,
): Upstream[] {
  const defaults: UpstreamDefaults = {
    timeouts: {
      connectMs: config.UPSTREAM_CONNECT_TIMEOUT_MS,
      responseMs: config.UPSTREAM_RESPONSE_TIMEOUT_MS,
      bodyIdleMs: config.BODY_IDLE_TIMEOUT_MS,
    },
    maxInFlight: config.UPSTREAM_MAX_IN_FLIGHT,
    switches: { assistant: config.MLFLOW_ASSISTANT, presignedUrls: config.MLFLOW_PRESIGNED_URLS },
    running,
    logger,
  };
  return [mlflowRow(config), ...config.UPSTREAMS].map((row) => {
    const { upstream, close } = openRow(row, defaults);
    lifecycle.onClose(row.id, close);
    return upstream;
  });
}

/** No other row may have it. */
const MLFLOW_ID = 'mlflow';

/** The first row, from variables of its own. */
export function mlflowRow({
  MLFLOW_UPSTREAM_URL,
  MLFLOW_TEST_UPSTREAM_URL,
}: Pick<GatewayConfig, 'MLFLOW_UPSTREAM_URL' | 'MLFLOW_TEST_UPSTREAM_URL'>): UpstreamRow {
  return {
    id: MLFLOW_ID,
    name: 'MLflow',
    prefix: '/mlflow',
    target: MLFLOW_UPSTREAM_URL,
    test_target: MLFLOW_TEST_UPSTREAM_URL,
    environments: ['live', 'test'],
    auth: 'required',
    kind: 'mlflow',
    encoded_slash: [],
    endpoints: [],
    // It has nothing to upgrade to.
    upgrade: false,
  };
}

export function openRow(
  row: UpstreamRow,
  defaults: UpstreamDefaults,
): { upstream: Upstream; close: () => Promise<unknown> } {
  const name = row.name ?? row.id;
  const { target, test_target = target, environments } = row;
  const options = { ...defaults, ...optionsOf(row, defaults) };
  const main = openUpstream(environments.includes('live') ? target : test_target, { ...options, name });
  const isApart = environments.length > 1 && test_target !== target;
  const test = isApart ? openUpstream(test_target, { ...options, name: `${name} for test keys` }) : main;
  const upstream: Upstream = {
    id: row.id,
    name,
    prefix: row.prefix,
    needsKey: row.auth === 'required',
    upgradesJudgedAs: upgradesJudgedAs(row),
    policy: policyOf(row, name, defaults.switches),
    // The tables of the other rows are their operator's own, and say all that is to be reached.
    passesUnknown: row.id === MLFLOW_ID,
    isArtifact: row.kind === 'mlflow' ? isArtifactDownload : never,
    isFree: row.kind === 'mlflow' ? isStaticFile : never,
    targets: {
      live: environments.includes('live') ? main : undefined,
      test: environments.includes('test') ? test : undefined,
    },
  };
  return { upstream, close: () => Promise.all([...new Set([main, test])].map((each) => each.close())) };
}

const never = () => false;

/** What goes through a WebSocket may write, whatever its GET reads. Rules of a row's own know better. */
function upgradesJudgedAs({ upgrade, rules }: UpstreamRow): Upstream['upgradesJudgedAs'] {
  if (!upgrade) return null;
  return rules ? 'GET' : 'POST';
}

function optionsOf(row: UpstreamRow, { timeouts, maxInFlight }: UpstreamDefaults) {
  return {
    timeouts: {
      connectMs: row.connect_timeout_ms ?? timeouts.connectMs,
      responseMs: row.response_timeout_ms ?? timeouts.responseMs,
      bodyIdleMs: row.body_idle_timeout_ms ?? timeouts.bodyIdleMs,
    },
    maxInFlight: row.max_in_flight ?? maxInFlight,
    authorization: row.authorization,
  };
}

function policyOf(row: UpstreamRow, name: string, switches: RouteSwitches): RoutePolicy {
  if (row.kind === 'mlflow') return mlflowPolicy(switches);
  const { encoded_slash: encodedSlash, endpoints: routes } = row;
  return createRoutePolicy({ name, rules: rulesOf(row), encodedSlash, routes }, switches);
}
