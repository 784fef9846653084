import type { ApiClient, ApiRequest } from '../../api/client.ts';
import { userSchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import type { ResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { userDetails, userTitle } from './user-view.ts';

/** Sends a request that a user is the answer to, and shows it. */
export async function sendUser(
  context: Context,
  client: ApiClient,
  options: ResultOptions,
  request: ApiRequest,
  /** What was done, for people: `Created`. */
  done?: string,
): Promise<void> {
  await withDestination(context, options, async (destination) => {
    const { value, json } = await client.send(userSchema, request);
    await destination.deliver(json, () => userDetails(value, context.now(), context.terminal.paper));
    if (done !== undefined) context.terminal.note(`${done} the user ${userTitle(value)}.`);
  });
}
