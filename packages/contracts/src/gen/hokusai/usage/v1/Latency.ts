// Original file: protos/hokusai/usage/v1/usage.proto


export interface Latency {
  'p50Ms'?: (number | string);
  'p90Ms'?: (number | string);
  'p99Ms'?: (number | string);
}

export interface Latency__Output {
  'p50Ms': (number);
  'p90Ms': (number);
  'p99Ms': (number);
}
