/** Checkpoints in an object store that speaks S3: one object each, never written twice. */
import { createHash } from 'node:crypto';
import { type Checkpoint, checkpointLineOf, parseCheckpointLine } from '@hokusai/audit-chain';
import { AwsClient } from 'aws4fetch';
import type { CheckpointSink } from '../domain/checkpoint-ports.ts';

export interface BucketOptions {
  /** Of the bucket, or of a folder in it. */
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

const REQUEST_LIMIT_MS = 10_000;
/** So that names sort by their numbers. */
const DIGITS = 16;

export function bucketSink({ url, ...credentials }: BucketOptions): CheckpointSink {
  const client = new AwsClient({ ...credentials, service: 's3', retries: 0 });
  const base = url.replace(/\/+$/, '');
  const send = (method: string, key: string, body?: string) =>
    client.fetch(`${base}/${key}`, {
      method,
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'if-none-match': '*' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
  return {
    name: `bucket:${base}`,
    store: async (checkpoints) => {
      for (const checkpoint of checkpoints) await put(checkpoint, send);
    },
    last: async (logId, mark) => {
      if (mark === 0) return undefined;
      const key = keyOf({ logId, chainSeq: mark });
      const response = await send('GET', key);
      const text = await response.text();
      if (response.status === 404) return undefined;
      if (response.ok) return parseCheckpointLine(text.trimEnd());
      throw new Error(`the object store answered GET ${key} with ${statusOf(response, text)}`);
    },
  };
}

function keyOf({ logId, chainSeq }: Pick<Checkpoint, 'logId' | 'chainSeq'>): string {
  return `${logId}/${String(chainSeq).padStart(DIGITS, '0')}.json`;
}

type Send = (method: string, key: string, body?: string) => Promise<Response>;

async function put(checkpoint: Checkpoint, send: Send): Promise<void> {
  const key = keyOf(checkpoint);
  const body = `${checkpointLineOf(checkpoint)}\n`;
  const response = await send('PUT', key, body);
  const answer = await response.text();
  if (response.ok) return;
  // It is there already: by ourselves, if an answer was lost.
  if (response.status !== 412)
    throw new Error(`the object store answered PUT ${key} with ${statusOf(response, answer)}`);
  const present = await send('GET', key);
  if ((await present.text()) === body) return;
  throw new Error(
    present.ok
      ? `the object ${key} is there and is another one: it was not written by this log`
      : `the object ${key} is there and can't be read (${present.status})`,
  );
}

/** With the store's own code for it, as AccessDenied. */
function statusOf({ status }: Response, answer: string): string {
  const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(answer)?.[1];
  return code ? `${status} ${code}` : String(status);
}
