import type { ResolvedConfig } from '../config/config.ts';
import { Connections } from './agent.ts';
import { downloadCall, jsonCall, uploadCall } from './calls.ts';
import { checkedOptions } from './checked-options.ts';
import type { HttpClient, HttpClientDependencies } from './types.ts';

export type { JsonObject } from './json.ts';
export type * from './types.ts';

export function createHttpClient(config: ResolvedConfig, dependencies: HttpClientDependencies): HttpClient {
  const connections = new Connections(config.trackingUri.protocol, dependencies.clock.elapsed);
  const context = { config, dependencies, server: { trackingUri: config.trackingUri, connections } };
  return {
    json: async (request, options = {}) => jsonCall(context, request, checkedOptions(options)),
    upload: async (request, options = {}) => uploadCall(context, request, checkedOptions(options)),
    download: async (request, options = {}) => downloadCall(context, request, checkedOptions(options)),
    close: () => connections.endIdle(),
  };
}
