import type { Socket } from 'node:net';
import type { ClientAnswer } from './client-request.ts';

/**
 * Gives an answer up that is under way: its connection is closed, so that the client sees that it is not whole.
 * One that stands behind others on its connection (pipelining) has none yet, and Node would leave the client
 * waiting for it. Those before it are not to blame and come to their end first.
 */
export function breakOff(outgoing: ClientAnswer): void {
  if (!outgoing.socket) outgoing.once('socket', (socket: Socket) => socket.destroy());
  outgoing.destroy();
}
