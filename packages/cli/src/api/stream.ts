/** Answers of any length. */
import { Failure } from '../failure.ts';
import { timedOut, unreachable } from './network.ts';
import { failureOf, notTheGateway } from './problem.ts';
import { type ApiRequest, addressOf, answerOf, type ClientOptions, cancelled, headersOf } from './request.ts';

/** To the head of the answer, and then from part to part: the gateway may have to look for the next one. */
const STALLED_MS = 120_000;

/** Throws Failure, also where the answer breaks off. */
export async function* openStream(request: ApiRequest, options: ClientOptions): AsyncGenerator<Uint8Array> {
  const { access, signal } = options;
  const limit = new AbortController();
  const abort = () => limit.abort();
  signal.addEventListener('abort', abort);
  let timer = setTimeout(abort, STALLED_MS);
  try {
    for await (const part of await bodyOf(request, options, limit.signal)) {
      clearTimeout(timer);
      yield part;
      timer = setTimeout(abort, STALLED_MS);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (signal.aborted) throw cancelled(request);
    throw limit.signal.aborted ? timedOut(access.url, STALLED_MS) : unreachable(error, access.url);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    abort();
  }
}

async function bodyOf(request: ApiRequest, options: ClientOptions, signal: AbortSignal) {
  const { access } = options;
  const headers = headersOf(request, options);
  const response = await fetch(addressOf(request, access), { headers, redirect: 'manual', signal });
  if (!response.ok) throw failureOf(await answerOf(response), access);
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith(request.accept ?? 'application/json') || !response.body)
    throw notTheGateway(await answerOf(response), access);
  return response.body;
}
