/** Refusals by reason and client: those of requests without a known key, and those that observe mode does not make. */
import type { AnonymousRefusal, ObservedRefusal } from '@hokusai/contracts';
import { clientNetwork } from '../domain/client-network.ts';
import type { ObservedClient } from '../domain/ports.ts';
import { MinuteCounts } from './minute-counts.ts';

const MAX_REASON_LENGTH = 64;
const MAX_ADDRESS_LENGTH = 64;
const MAX_FAMILY_LENGTH = 64;
const MAX_PREFIX_LENGTH = 32;

type Anonymous = Pick<AnonymousRefusal, 'reason' | 'client_ip'>;
type Observed = Pick<ObservedRefusal, 'reason' | 'client_ip' | 'user_agent_family' | 'key_prefix'>;

/** Reasons come from a short list of codes: an entry for each, beyond those of clients, is bounded too. */
export class RefusalCounts {
  readonly #anonymous = new MinuteCounts<Anonymous>(({ reason }) => ({ reason, client_ip: '' }));
  readonly #observed = new MinuteCounts<Observed>(({ reason }) => ({
    reason,
    ...{ client_ip: '', user_agent_family: '', key_prefix: '' },
  }));

  add(reason: string, clientIp: string, nowMs: number): void {
    this.#anonymous.add(anonymousOf(reason, clientIp), nowMs);
  }

  observe(reason: string, client: ObservedClient, nowMs: number): void {
    const { clientIp, userAgentFamily, keyPrefix } = client;
    const observed = {
      ...anonymousOf(reason, clientIp),
      user_agent_family: userAgentFamily.slice(0, MAX_FAMILY_LENGTH),
      key_prefix: (keyPrefix ?? '').slice(0, MAX_PREFIX_LENGTH),
    };
    this.#observed.add(observed, nowMs);
  }

  /** Counts that changed since they were last taken. */
  takeChanged(): TakenRefusals {
    return { refusals: this.#anonymous.takeChanged(), observed: this.#observed.takeChanged() };
  }
}

export interface TakenRefusals {
  refusals: AnonymousRefusal[];
  observed: ObservedRefusal[];
}

function anonymousOf(reason: string, clientIp: string): Anonymous {
  return {
    reason: reason.slice(0, MAX_REASON_LENGTH),
    client_ip: clientNetwork(clientIp).slice(0, MAX_ADDRESS_LENGTH),
  };
}
