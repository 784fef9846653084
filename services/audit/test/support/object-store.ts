/** A small object store that speaks as much of S3 as checkpoints need, and checks signatures by itself. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ObjectStore {
  /** Of the bucket. */
  url: string;
  objects: Map<string, string>;
  /** While it is set, requests are answered with this status. */
  outage: number | undefined;
  /** Requests so far. */
  requests: string[];
  close(): Promise<void>;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

export async function startObjectStore(credentials: Credentials): Promise<ObjectStore> {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    store.requests.push(`${request.method} ${request.url}`);
    const { status, text } = answer(request, body);
    response.writeHead(status, { 'content-type': 'application/xml' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store: ObjectStore = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit/checkpoints`,
    objects: new Map(),
    outage: undefined,
    requests: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function answer(request: IncomingMessage, body: Buffer): { status: number; text: string } {
    const { method, url = '', headers } = request;
    if (store.outage) return { status: store.outage, text: errorText('SlowDown') };
    if (!isSigned(request, body, credentials))
      return { status: 403, text: errorText('SignatureDoesNotMatch') };
    const present = store.objects.get(url);
    if (method === 'GET')
      return present === undefined
        ? { status: 404, text: errorText('NoSuchKey') }
        : { status: 200, text: present };
    if (present !== undefined && headers['if-none-match'] === '*')
      return { status: 412, text: errorText('PreconditionFailed') };
    store.objects.set(url, body.toString());
    return { status: 200, text: '' };
  }

  return store;
}

function errorText(code: string): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
}

/** AWS Signature Version 4, computed from its description. */
function isSigned(
  request: IncomingMessage,
  body: Buffer,
  { accessKeyId, secretAccessKey, region }: Credentials,
) {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': hash = '' } = request.headers;
  const [, scope, signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const day = String(date).slice(0, 8);
  const expectedScope = `${day}/${region}/s3/aws4_request`;
  if (scope !== `${accessKeyId}/${expectedScope}` || hash !== sha256(body)) return false;
  if (request.method === 'PUT' && !signed.split(';').includes('if-none-match')) return false;
  const headerLines = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, '', headerLines.join(''), signed, hash].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, expectedScope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex') === signature;
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
