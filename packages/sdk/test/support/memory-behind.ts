/** MLflow in memory, as what answers behind a server that fails. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MlPlatformError } from '../../src/errors/errors.ts';
import type { ApiRequest, HttpClient, JsonObject, Query } from '../../src/http/client.ts';
import { parseJson, stringifyJson } from '../../src/http/json.ts';
import type { Answer, Behind, SeenRequest } from './fault-server.ts';

const ARTIFACTS = '/mlflow-artifacts/artifacts/';

/** @param memory what the mock uses in place of a connection */
export function memoryBehind(memory: HttpClient): Behind {
  return async (request) => {
    try {
      return await answer(memory, request);
    } catch (error) {
      if (!(error instanceof MlPlatformError)) throw error;
      const body = stringifyJson({ error_code: error.errorCode, message: error.message });
      return { status: error.status ?? 500, body };
    }
  };
}

async function answer(memory: HttpClient, { method, path, body }: SeenRequest): Promise<Answer> {
  const { pathname, searchParams } = new URL(path, 'http://memory');
  if (pathname.includes(ARTIFACTS) && method === 'PUT') {
    await memory.upload({ path: pathname, open: () => Readable.from([body]), isRepeatable: true });
    return { status: 200, body: '{}' };
  }
  if (pathname.includes(ARTIFACTS)) {
    const download = await memory.download({ path: pathname });
    return { status: 200, body: await buffer(download.body) };
  }
  const fields: ApiRequest = {
    method: method as ApiRequest['method'],
    path: pathname,
    query: Object.fromEntries(searchParams) as Query,
    ...(body.length > 0 && { body: parseJson(body.toString()) as JsonObject }),
  };
  return { status: 200, body: stringifyJson(await memory.json(fields)) };
}
