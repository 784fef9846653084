/** What a gateway in observe mode does with refusals of who asks, and how often: it takes note of them, and goes on. */
import { type HokusaiError, toHokusaiError } from '@hokusai/contracts/errors';
import { type AuthMode, isObservedOnly, isRefusedAnyway } from '../domain/auth-mode.ts';
import type { RefusalReporter, UsageRecorder } from '../domain/ports.ts';
import { userAgentFamily } from '../domain/user-agent.ts';
import type { Exchange } from './exchange.ts';
import { createGate, createOriginCheck, type Gate, type GateOptions, type OriginCheck } from './gate.ts';

/**
 * Serves a step of a request that may refuse it. Where the mode is to enforce, whatever the step throws is thrown on.
 */
export type Judging = (
  exchange: Exchange,
  step: () => Promise<void> | void | undefined,
) => Promise<void> | void | undefined;

const enforcing: Judging = (_exchange, step) => step();

export interface Judgement {
  gate: Gate;
  /** Refusals are taken note of, and not made. */
  observes: boolean;
  /** How the door takes what the gate refuses. */
  judging: Judging;
  /** For those who are served in spite of what the gate says. */
  checkOriginOf: OriginCheck;
}

/** What is not refused is no refusal to the audit log either. */
export function judgementOf(
  mode: AuthMode,
  options: GateOptions,
  usage: Pick<UsageRecorder, 'observedRefusal'>,
): Judgement {
  const checkOriginOf = createOriginCheck(options);
  if (mode === 'enforce')
    return { gate: createGate(options), observes: false, judging: enforcing, checkOriginOf };
  return {
    gate: createGate({ ...options, refusals: madeOnly(options.refusals) }),
    observes: true,
    judging: observing(usage),
    checkOriginOf,
  };
}

function madeOnly(refusals: RefusalReporter): RefusalReporter {
  return {
    refused: (refusal) => {
      if (isRefusedAnyway(refusal.reason)) refusals.refused(refusal);
    },
  };
}

/** The first refusal of a request is counted, as it would have been the only one. */
function observing(usage: Pick<UsageRecorder, 'observedRefusal'>): Judging {
  return (exchange, step) => {
    const pass = (thrown: unknown) => {
      const error = toHokusaiError(thrown);
      if (!isObservedOnly(error)) throw error;
      note(exchange, error, usage);
    };
    try {
      return step()?.catch(pass);
    } catch (thrown) {
      return pass(thrown);
    }
  };
}

function note(exchange: Exchange, error: HokusaiError, usage: Pick<UsageRecorder, 'observedRefusal'>): void {
  if (exchange.wouldRefuse !== undefined) return;
  const reason = error.reason ?? error.code;
  exchange.wouldRefuse = reason;
  usage.observedRefusal(reason, {
    clientIp: exchange.client.clientIp,
    userAgentFamily: userAgentFamily(exchange.incoming.headers['user-agent']),
    // Anybody can invent others, of which there would be no end.
    keyPrefix: exchange.caller?.proof.keyPrefix ?? null,
  });
}

/** Tells whoever tries a key out what would become of the request. */
export function observationHeaders({ wouldRefuse }: Exchange): string[] {
  return wouldRefuse === undefined ? [] : ['X-Hokusai-Would-Refuse', wouldRefuse];
}
