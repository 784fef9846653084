/** What a gateway may admit of a limit when it can't ask what the others have admitted. */
import { createHash } from 'node:crypto';

/**
 * This gateway's share of a limit: the whole part of limit ÷ gateways, and one more if it is among those that
 * the remainder falls to. Those are found by rendezvous hashing (Thaler and Ravishankar, 1998): each gateway
 * works out the same order for an id, so that the shares of all that know the same gateways add up to the limit.
 *
 * @param id whose limit it is: orders differ from id to id, so that small limits don't all fall to one gateway
 * @param gateways all that are alive, in any order
 */
export function shareOf(limit: number, id: string, self: string, gateways: readonly string[]): number {
  const others = gateways.filter((gateway) => gateway !== self);
  const count = others.length + 1;
  const remainder = limit % count;
  const own = weight(id, self);
  const before = others.filter((other) => isBefore(weight(id, other), other, own, self)).length;
  return Math.floor(limit / count) + (before < remainder ? 1 : 0);
}

function isBefore(a: number, nameOfA: string, b: number, nameOfB: string): boolean {
  return a !== b ? a > b : nameOfA < nameOfB;
}

function weight(id: string, gateway: string): number {
  return createHash('sha256').update(`${id}\n${gateway}`).digest().readUIntBE(0, 6);
}
