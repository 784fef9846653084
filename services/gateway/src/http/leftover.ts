/** What is still to come of a request that has been answered already. */
import type { ClientAnswer, ClientRequest } from './client-request.ts';

/** How much of an unwanted body is taken in, and for how long, so that its sender comes to read the answer. */
export interface LeftoverLimits {
  bytes: number;
  timeMs: number;
}

/**
 * Drains a body that nobody reads any more. A connection that is closed while the client still sends is
 * reset, and the reset may destroy the answer on its way; a client that sends everything before it reads,
 * as MLflow's does, would never see it. At the limits the connection is closed all the same, our side
 * first: then Linux gives the client EPIPE and leaves it the answer.
 *
 * After a whole body the connection goes on as usual, or ends if that was its last request.
 */
export function drainAfterAnswer(
  incoming: ClientRequest,
  outgoing: ClientAnswer,
  limits: LeftoverLimits,
): void {
  if (!announcesBody(incoming)) return;
  // Node would drain a body that nobody has begun to read by itself, and without bounds.
  outgoing.once('prefinish', () => {
    if (!incoming.complete && !incoming.destroyed) incoming.read(0);
  });
  // Before Node does what is to be done after an answer.
  outgoing.prependOnceListener('finish', () => {
    if (!incoming.complete && !incoming.destroyed) drain(incoming, limits);
  });
}

function drain(incoming: ClientRequest, limits: LeftoverLimits): void {
  const { socket } = incoming;
  let isLast = false;
  // After the last answer on a connection Node ends both directions: that to the client is enough for now.
  socket.destroySoon = () => {
    isLast = true;
    socket.end();
  };
  const goOn = () => {
    Reflect.deleteProperty(socket, 'destroySoon');
    if (isLast) socket.destroySoon();
  };
  const giveUp = () => {
    isLast = true;
    clearTimeout(timer);
    incoming.off('data', count).off('end', goOn).pause();
    goOn();
  };
  const timer = setTimeout(giveUp, limits.timeMs);
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.bytes) giveUp();
  };
  incoming
    .on('data', count)
    .once('close', () => clearTimeout(timer))
    .once('end', () => clearTimeout(timer))
    .once('end', goOn)
    .resume();
}

function announcesBody({ headers }: ClientRequest): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}
