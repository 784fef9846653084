/** Calls of the services behind the API, with their absence said the way HTTP clients can act on. */
import {
  type ErrorReason,
  HokusaiError,
  type ServiceClient,
  type services,
  toHokusaiError,
} from '@hokusai/contracts';

export type KeyManagementClient = ServiceClient<typeof services.keyManagement>;
export type UserManagementClient = ServiceClient<typeof services.userManagement>;
export type UsageClient = ServiceClient<typeof services.usage>;
export type AuditClient = ServiceClient<typeof services.audit>;
export type WitnessClient = ServiceClient<typeof services.auditWitness>;

const RETRY_AFTER_SECONDS = 5;

/** What is said of a service that is away. */
interface CalledService {
  /** End of the problem's type. */
  reason: ErrorReason;
  /** Where it was too slow. */
  late: (isRepeatable: boolean) => string;
}

const KEYS: CalledService = {
  reason: 'keys_unavailable',
  late: (isRepeatable) => {
    const late = 'The keys service did not answer in time. A change that was asked for may still be made:';
    const advice = isRepeatable
      ? 'repeat it with the same Idempotency-Key, or look whether it was.'
      : 'look whether it was before you repeat it.';
    return `${late} ${advice}`;
  },
};

export const USAGE: CalledService = {
  reason: 'usage_unavailable',
  late: () => 'The usage service did not answer in time: ask again, or for a shorter period.',
};

export const AUDIT: CalledService = {
  reason: 'audit_unavailable',
  late: () => 'The audit service did not answer in time: ask again, or for less.',
};

/**
 * The client's calls. They throw what the service says; where it is away or too slow, `unavailable`
 * and when to try again: a 504 would blame the upstream, and many clients don't repeat it.
 */
export function serviceCalls<Definition>(
  client: ServiceClient<Definition>,
  service: CalledService = KEYS,
): ServiceClient<Definition>['call'] {
  return async (method, request, options) => {
    try {
      return await client.call(method, request, options);
    } catch (thrown) {
      throw sayWhenToRetry(toHokusaiError(thrown), service, isRepeatable(request as object));
    }
  };
}

/** The caller gave an Idempotency-Key, which not every operation takes. */
function isRepeatable(request: object): boolean {
  return 'idempotency' in request && Boolean(request.idempotency);
}

/** The same for the client's streams. */
export function serviceStreams<Definition>(
  client: ServiceClient<Definition>,
  service: CalledService,
): ServiceClient<Definition>['read'] {
  return async function* (method, request, options) {
    try {
      yield* client.read(method, request, options);
    } catch (thrown) {
      throw sayWhenToRetry(toHokusaiError(thrown), service, false);
    }
  };
}

function sayWhenToRetry(error: HokusaiError, service: CalledService, repeatable: boolean): HokusaiError {
  const { code, message, reason = service.reason, retryAfterSeconds = RETRY_AFTER_SECONDS } = error;
  const options = { reason, retryAfterSeconds, cause: error };
  if (code === 'unavailable') return new HokusaiError('unavailable', message, options);
  if (code !== 'deadline_exceeded') return error;
  return new HokusaiError('unavailable', service.late(repeatable), options);
}
