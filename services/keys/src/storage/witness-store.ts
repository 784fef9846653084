/** Hashes of the audit log, as it confirmed them. */
import { asUnavailable, type Pool } from '@hokusai/service-kit';
import type { WitnessStore } from '../domain/witnesses.ts';

export interface ThinnedWitnessStore extends WitnessStore {
  /** Leaves the last hash of one more hour that is over for 30 days; whether there was one. */
  thinWitnesses(): Promise<boolean>;
}

export function createWitnessStore(pool: Pool): ThinnedWitnessStore {
  const guard = asUnavailable('keys');
  return {
    listWitnesses: async (after, limit) => {
      const { rows } = await pool
        .query<{ chain_seq: string; hash: Buffer }>(
          'select chain_seq, hash from stored_events where chain_seq > $1 order by chain_seq limit $2',
          [after, limit],
        )
        .catch(guard);
      return rows.map(({ chain_seq, hash }) => ({ chainSeq: Number(chain_seq), hash }));
    },
    thinWitnesses: async () => {
      const { rows } = await pool.query<{ thinned: boolean }>('select thin_stored_events() as thinned');
      return rows[0]?.thinned === true;
    },
  };
}
