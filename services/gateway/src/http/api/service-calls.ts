/** Calls of the keys service, with its absence said the way HTTP clients can act on. */
import { HokusaiError, type ServiceClient, type services, toHokusaiError } from '@hokusai/contracts';

export type KeyManagementClient = ServiceClient<typeof services.keyManagement>;
export type UserManagementClient = ServiceClient<typeof services.userManagement>;

const RETRY_AFTER_SECONDS = 5;

/**
 * The client's calls. They throw what the keys service says; where it is away or too slow, `unavailable`
 * and when to try again: a 504 would blame the upstream, and many clients don't repeat it.
 */
export function serviceCalls<Definition>(
  client: ServiceClient<Definition>,
): ServiceClient<Definition>['call'] {
  return async (method, request, options) => {
    try {
      return await client.call(method, request, options);
    } catch (thrown) {
      throw sayWhenToRetry(toHokusaiError(thrown), isRepeatable(request as object));
    }
  };
}

/** The caller gave an Idempotency-Key, which not every operation takes. */
function isRepeatable(request: object): boolean {
  return 'idempotency' in request && Boolean(request.idempotency);
}

function sayWhenToRetry(error: HokusaiError, repeatable: boolean): HokusaiError {
  const { code, message, reason = 'keys_unavailable', retryAfterSeconds = RETRY_AFTER_SECONDS } = error;
  const options = { reason, retryAfterSeconds, cause: error };
  if (code === 'unavailable') return new HokusaiError('unavailable', message, options);
  if (code !== 'deadline_exceeded') return error;
  const advice = repeatable
    ? 'repeat it with the same Idempotency-Key, or look whether it was.'
    : 'look whether it was before you repeat it.';
  const late = 'The keys service did not answer in time. A change that was asked for may still be made:';
  return new HokusaiError('unavailable', `${late} ${advice}`, options);
}
