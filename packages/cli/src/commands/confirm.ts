import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import type { ConfirmOptions } from './command.ts';

/**
 * Asks before something that can't be undone. Throws `cancelled` unless the answer is yes, and `usage` where
 * nobody can be asked.
 *
 * @param act a whole question; looked up only if it is asked
 */
export async function confirm(
  { terminal }: Context,
  { yes }: ConfirmOptions,
  act: () => Promise<string> | string,
): Promise<void> {
  if (yes) return;
  if (!terminal.isInteractive) {
    throw new Failure('usage', 'This has to be confirmed, and there is no terminal to ask on.', {
      advice: ['Add --yes if it is meant.'],
    });
  }
  const answer = await terminal.ask(`${await act()} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('cancelled', 'Cancelled: nothing was changed.');
}
