/**
 * HokusaiError over gRPC: a status that any client understands, and in the trailers, for our own
 * clients, the whole error.
 */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, HokusaiError, toHokusaiError, type Violation } from '../errors.ts';

const TRAILER = 'hokusai-error-bin';
/** HTTP/2 implementations accept some 8 to 64 KiB of trailers; what exceeds it loses the whole answer. */
const MAX_MESSAGE_LENGTH = 1000;
const MAX_TRAILER_BYTES = 6000;

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

/** What a handler answers for whatever it threw. Of very many violations the first ones are kept. */
export function toStatus(thrown: unknown): StatusObject {
  const error = toHokusaiError(thrown);
  const details = fitting(error.message);
  const metadata = new Metadata();
  metadata.set(TRAILER, toTrailer(error, details));
  return { code: STATUS_BY_CODE[error.code], details, metadata };
}

/** Well-formed, since grpc-js fails on half a surrogate pair, and not too long. */
function fitting(text: string): string {
  const cut = text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text;
  return cut.toWellFormed();
}

function toTrailer({ code, reason, violations, retryAfterSeconds }: HokusaiError, message: string): Buffer {
  const wire = { code, message, reason, retryAfterSeconds, violations: [] as Violation[] };
  let bytesLeft = MAX_TRAILER_BYTES - Buffer.byteLength(JSON.stringify(wire));
  for (const [index, violation] of violations.entries()) {
    bytesLeft -= Buffer.byteLength(JSON.stringify(violation)) + 1;
    if (bytesLeft < 0) {
      wire.violations.push({ path: '', message: `and ${violations.length - index} more` });
      break;
    }
    wire.violations.push(violation);
  }
  return Buffer.from(JSON.stringify(wire));
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
