/**
 * Which gateways know of a revocation, concluded from how they stand in the database.
 *
 * What it builds on:
 * - A gateway stands in the database before its first tick, with every ping that it is echoed. So all that may
 *   hold trust are among those that are read after the commit: whoever comes later is told of the change.
 * - All that was committed by transactions below a tick's cut is in that tick or an earlier one. So a gateway
 *   has applied the change when the cut of a tick that it applied lies above the change's transaction. It is
 *   the same history only within one epoch.
 * - A ping that was sent after the commit is echoed together with the change. So trust that lacks the change
 *   ends `trustMs` after the commit, whatever is broken, and `trustMs` after the gateway's last ping.
 * - A database that was restored or replaced does not know who followed the one before it.
 */

/** Where a revocation stands in the database's history. */
export interface RevocationPoint {
  /** Identity of that history. */
  epoch: string;
  /** Transaction of the last change of any of the keys. */
  xid: bigint;
  /** The database's clock in the transaction, so before its commit. */
  readAt: Date;
  /** Set if all was revoked before: by an earlier transaction, and when. */
  revokedBeforeAt: Date | null;
}

/** A gateway as the database knows it. */
export interface KnownGateway {
  /** Identity of the process (uuid). */
  incarnation: string;
  /** Its name for people. */
  gateway: string;
  /** For how long it may use a state after its last echoed ping: staleness and outage grace. */
  trustMs: number;
  /** When its last ping was recorded. */
  lastPingAt: Date;
  /** Epoch and cut of the last tick that it had applied by then. */
  epoch: string;
  appliedCut: bigint;
  /** When it said goodbye, if it did. */
  leftAt: Date | null;
}

/** All gateways that the database knows, read in one statement. */
export interface Roster {
  /** The database's clock at the read, or a little later. */
  readAt: Date;
  /** When the database was first seen in its present epoch; null for the first one that it has. */
  epochSince: Date | null;
  gateways: readonly KnownGateway[];
}

export interface GatewayReceipt {
  incarnation: string;
  gateway: string;
  /** `silent`: it may still serve the key, until `fencedBy`. */
  status: 'acknowledged' | 'left' | 'silent';
  /** Commit to the recording of the acknowledgement; null if it was not this revocation that it applied. */
  lagMs: number | null;
  /** Only of a silent one. */
  fencedBy: Date | null;
}

export interface Receipt {
  committedAt: Date;
  /** Those that may have held trust at the commit. */
  gateways: readonly GatewayReceipt[];
  /** After it none of the gateways serves the key, nor any that followed a former epoch of the database. */
  effectiveNoLaterThan: Date;
  /** False if there may be gateways that the database does not know. */
  isComplete: boolean;
}

/** What is known of one gateway; a later answer replaces no earlier one. */
interface Answer {
  gateway: KnownGateway;
  fencedBy: Date;
  acknowledgedAt: Date | null;
  leftAt: Date | null;
}

/** A revocation that gateways are still asked about. */
export interface Inquiry {
  point: RevocationPoint;
  answers: readonly Answer[];
  /** Until when gateways that the database doesn't know may hold trust; null: there are none. */
  unknownUntil: Date | null;
}

/** Staleness and grace of a gateway that is configured in no other way, in milliseconds. */
const USUAL_TRUST_MS = 65_000;

/** Begins with the first look at the gateways after the commit. */
export function openInquiry(point: RevocationPoint, roster: Roster): Inquiry {
  const answers = roster.gateways
    .filter((gateway) => mayHoldTrust(gateway, point.readAt))
    .map((gateway) => ({
      gateway,
      // The commit lies before the look.
      fencedBy: after(roster.readAt, gateway.trustMs),
      acknowledgedAt: null,
      leftAt: null,
    }));
  return continueInquiry({ point, answers, unknownUntil: null }, roster);
}

/** Takes in another look. What was answered once stays answered: no gateway unlearns. */
export function continueInquiry(inquiry: Inquiry, roster: Roster): Inquiry {
  const { point } = inquiry;
  const known = new Map(roster.gateways.map((gateway) => [gateway.incarnation, gateway]));
  const answers = inquiry.answers.map((answer) => {
    const now = known.get(answer.gateway.incarnation);
    if (!now) return answer;
    const acknowledgedAt = answer.acknowledgedAt ?? (hasApplied(now, point) ? now.lastPingAt : null);
    return { ...answer, acknowledgedAt, leftAt: answer.leftAt ?? now.leftAt };
  });
  return { point, answers, unknownUntil: unknownUntil(point, roster) };
}

/** True when no gateway is left to wait for. */
export function isAnswered({ answers }: Inquiry): boolean {
  return answers.every(({ acknowledgedAt, leftAt }) => acknowledgedAt !== null || leftAt !== null);
}

/** With all that have not answered as silent. */
export function receiptOf({ point, answers, unknownUntil }: Inquiry): Receipt {
  const committedAt = point.revokedBeforeAt ?? point.readAt;
  const ends = answers.map(({ acknowledgedAt, leftAt, fencedBy }) => acknowledgedAt ?? leftAt ?? fencedBy);
  return {
    committedAt,
    gateways: answers.map((answer) => gatewayReceipt(answer, point)),
    effectiveNoLaterThan: latest([committedAt, ...ends, ...(unknownUntil ? [unknownUntil] : [])]),
    isComplete: unknownUntil === null,
  };
}

function gatewayReceipt(answer: Answer, { readAt, revokedBeforeAt }: RevocationPoint): GatewayReceipt {
  const { acknowledgedAt, leftAt, fencedBy } = answer;
  const { incarnation, gateway } = answer.gateway;
  const common = { incarnation, gateway, lagMs: null, fencedBy: null };
  if (acknowledgedAt) {
    const lagMs = Math.max(0, acknowledgedAt.getTime() - readAt.getTime());
    return { ...common, status: 'acknowledged', lagMs: revokedBeforeAt ? null : lagMs };
  }
  if (leftAt) return { ...common, status: 'left' };
  return { ...common, status: 'silent', fencedBy };
}

/** A ping that was recorded may have been echoed; one that was not has not been. */
function mayHoldTrust({ lastPingAt, trustMs, leftAt }: KnownGateway, at: Date): boolean {
  return (leftAt === null || leftAt > at) && after(lastPingAt, trustMs) >= at;
}

function hasApplied({ epoch, appliedCut }: KnownGateway, point: RevocationPoint): boolean {
  return epoch === point.epoch && appliedCut > point.xid;
}

function unknownUntil({ readAt }: RevocationPoint, { epochSince, gateways }: Roster): Date | null {
  if (!epochSince) return null;
  const longestTrustMs = Math.max(USUAL_TRUST_MS, ...gateways.map(({ trustMs }) => trustMs));
  const until = after(epochSince, longestTrustMs);
  return until >= readAt ? until : null;
}

function after(moment: Date, durationMs: number): Date {
  return new Date(moment.getTime() + durationMs);
}

function latest(moments: readonly Date[]): Date {
  return new Date(Math.max(...moments.map((moment) => moment.getTime())));
}
