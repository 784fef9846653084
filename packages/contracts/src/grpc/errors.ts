/**
 * HokusaiError over gRPC: a status that any client understands, and in the trailers, for our own
 * clients, the whole error.
 */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, HokusaiError, toHokusaiError } from '../errors.ts';

const TRAILER = 'hokusai-error-bin';

const STATUS_BY_CODE: Record<ErrorCode, status> = {
  invalid_request: status.INVALID_ARGUMENT,
  unprocessable: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  rate_limited: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

/** For statuses that grpc-js or a foreign server made, without our trailer. */
const CODE_BY_STATUS: Partial<Record<status, ErrorCode>> = {
  [status.CANCELLED]: 'unavailable',
  [status.INVALID_ARGUMENT]: 'invalid_request',
  [status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
  [status.NOT_FOUND]: 'not_found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.PERMISSION_DENIED]: 'permission_denied',
  [status.RESOURCE_EXHAUSTED]: 'unavailable',
  [status.ABORTED]: 'conflict',
  [status.UNAVAILABLE]: 'unavailable',
  [status.UNAUTHENTICATED]: 'unauthenticated',
};

const wireError = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  reason: z.string().optional(),
  violations: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
  retryAfterSeconds: z.number().optional(),
});

/** What a handler answers for whatever it threw. */
export function toStatus(thrown: unknown): StatusObject {
  const error = toHokusaiError(thrown);
  const { code, message, reason, violations, retryAfterSeconds } = error;
  const metadata = new Metadata();
  const wire = JSON.stringify({ code, message, reason, violations, retryAfterSeconds });
  metadata.set(TRAILER, Buffer.from(wire));
  return { code: STATUS_BY_CODE[code], details: message, metadata };
}

/** What a client throws for a failed call. `peer` names the service in messages, e.g. `keys service`. */
export function fromServiceError(error: ServiceError, peer: string): HokusaiError {
  const [trailer] = error.metadata?.get(TRAILER) ?? [];
  const wire = trailer === undefined ? undefined : parseWire(trailer);
  if (wire) {
    const { reason, retryAfterSeconds, violations } = wire;
    return new HokusaiError(wire.code, wire.message, {
      violations,
      cause: error,
      ...(reason === undefined ? {} : { reason }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
  const code = CODE_BY_STATUS[error.code] ?? 'internal';
  return new HokusaiError(code, `The ${peer} did not answer (${status[error.code]}).`, { cause: error });
}

function parseWire(trailer: string | Buffer): z.infer<typeof wireError> | undefined {
  try {
    return wireError.parse(JSON.parse(trailer.toString()));
  } catch {
    return undefined;
  }
}
