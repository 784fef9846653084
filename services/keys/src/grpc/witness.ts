/** AuditWitnessService. */
import type { ErrorObserver } from '@hokusai/contracts';
import type { ListWitnessesRequest__Output } from '@hokusai/contracts/gen/keys/v1/ListWitnessesRequest';
import type { ListWitnessesResponse } from '@hokusai/contracts/gen/keys/v1/ListWitnessesResponse';
import type { ListWitnesses } from '../application/list-witnesses.ts';
import { handlerWithCaller } from './caller.ts';

export function witnessHandlers(listWitnesses: ListWitnesses, observe: ErrorObserver) {
  return {
    ListWitnesses: handlerWithCaller<ListWitnessesRequest__Output, ListWitnessesResponse>(
      async (request, caller) => {
        const { afterChainSeq, pageSize } = request;
        const page = { afterChainSeq: Number(afterChainSeq), pageSize };
        const { witnesses, hasMore } = await listWitnesses(caller, page);
        return {
          witnesses: witnesses.map(({ hash, ...one }) => ({ ...one, hash: Buffer.from(hash) })),
          hasMore,
        };
      },
      observe,
    ),
  };
}
