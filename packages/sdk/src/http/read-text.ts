import type { IncomingMessage } from 'node:http';
import { UnexpectedAnswerError } from '../errors/errors.ts';
import type { Exchange } from './exchange.ts';
import { FailedAttempt } from './failed-attempt.ts';

/** More than any page of a search; a bound, so that a mistaken address can't fill the memory. */
const LONGEST = 256 * 1024 * 1024;

/** The whole body as text. Rejects with a FailedAttempt. */
export async function readText(response: IncomingMessage, exchange: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      length += chunk.length;
      if (length > LONGEST)
        throw new FailedAttempt(new UnexpectedAnswerError(`The answer is longer than ${LONGEST} bytes`), {
          kind: 'permanent',
        });
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof FailedAttempt ? error : exchange.failureOf(error);
  }
  return Buffer.concat(chunks).toString('utf8');
}
