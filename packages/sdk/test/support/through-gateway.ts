import { services } from '@hokusai/contracts';
import { type Cluster, grpcCallers, startCluster } from '@hokusai/testing';

export interface Gateway extends AsyncDisposable {
  /** Of MLflow behind it: what MLFLOW_TRACKING_URI is set to. */
  trackingUri: string;
  /** With all rights. */
  apiKey: string;
}

/** A gateway before an MLflow server, with a keys service and backends of its own. */
export async function startGateway(upstreamUrl: string): Promise<Gateway> {
  const cluster: Cluster = await startCluster({
    ...{ replicas: 1, gateways: 1, upstreamUrl },
    keysCallers: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
  });
  return {
    trackingUri: `${cluster.gateways[0]?.url}/mlflow`,
    apiKey: cluster.adminKey,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
