import { writeParam, writeTag } from '../api/write.ts';
import type { Batch, Metric, ParamValue } from '../model/run.ts';

/**
 * MLflow's bounds for one request of runs/log-batch. So many metrics, with keys of the 250 characters that it allows, stay
 * below the one on size.
 */
export const MAX_ENTITIES = 1000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
/** In bytes; MLflow's is 1,000,000. */
const MAX_SIZE = 900_000;
/** Names of members, numbers and punctuation of one entity, in bytes at most. */
const ENTITY_OVERHEAD = 120;

interface Request {
  metrics: Metric[];
  params: Record<string, ParamValue>;
  tags: Record<string, string>;
}

/** The batch in as few requests as MLflow's bounds allow; each is stored as a whole. Params and tags go first. */
export function inRequests(batch: Batch): readonly Required<Batch>[] {
  const requests = new Packer();
  for (const [key, value] of Object.entries(batch.params ?? {})) {
    requests.param(key, writeParam(key, value));
  }
  for (const [key, value] of Object.entries(batch.tags ?? {})) {
    requests.tag(key, writeTag(key, value).value);
  }
  for (const metric of batch.metrics ?? []) {
    requests.metric(metric);
  }
  return requests.all;
}

class Packer {
  readonly all: Request[] = [];
  #counts = { params: 0, tags: 0, metrics: 0 };
  #size = 0;

  param(key: string, value: string): void {
    this.#roomFor('params', MAX_PARAMS, sizeOf(key, value)).params[key] = value;
  }

  tag(key: string, value: string): void {
    this.#roomFor('tags', MAX_TAGS, sizeOf(key, value)).tags[key] = value;
  }

  metric(metric: Metric): void {
    this.#roomFor('metrics', MAX_ENTITIES, sizeOf(metric.key, '')).metrics.push(metric);
  }

  /** The last request, or a new one where one more of that kind would be too many. */
  #roomFor(kind: 'params' | 'tags' | 'metrics', most: number, size: number): Request {
    const { params, tags, metrics } = this.#counts;
    const isFull =
      this.#counts[kind] >= most || params + tags + metrics >= MAX_ENTITIES || this.#size + size > MAX_SIZE;
    if (isFull || this.all.length === 0) {
      this.all.push({ metrics: [], params: Object.create(null), tags: Object.create(null) });
      this.#counts = { params: 0, tags: 0, metrics: 0 };
      this.#size = 0;
    }
    this.#counts[kind] += 1;
    this.#size += size;
    return this.all.at(-1) as Request;
  }
}

/** As JSON, at most: a character may need an escape. */
function sizeOf(key: string, value: string): number {
  return Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(value)) + ENTITY_OVERHEAD;
}
