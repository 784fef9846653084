/**
 * HokusaiError over gRPC: a status and details that any client understands, and beside them, for our own
 * clients, the whole error.
 */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { z } from 'zod';
import type { ErrorReason } from '../error-reasons.ts';
import { ERROR_CODES, type ErrorCode, HokusaiError, toHokusaiError, type Violation } from '../errors.ts';
import { encodeStatusDetails } from './status-details.ts';

const TRAILER = 'hokusai-error-bin';
const DETAILS_TRAILER = 'grpc-status-details-bin';
/**
 * gRPC's C core, which Python's client stands on, may refuse an answer with more than 8 KiB of trailers
 * (`GRPC_ARG_MAX_METADATA_SIZE`), and then all of it is lost. The three parts together, the `-bin` ones in
 * base64 and the message percent-encoded, with what HTTP/2 counts for their names, stay below it.
 */
const MAX_PERCENT_ENCODED_MESSAGE_BYTES = 1000;
const MAX_TRAILER_BYTES = 3750;
const MAX_DETAILS_BYTES = 1300;
/** In the trailer. */
const MAX_MESSAGE_BYTES = 2000;
/** In the details. */
const MAX_SHORT_MESSAGE_BYTES = 400;

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

/** Where one of the standard codes says it better than that of the error alone, by code and reason. */
const STATUS_BY_REASON: Readonly<Record<string, status>> = {
  'conflict/external_id_taken': status.ALREADY_EXISTS,
  'unprocessable/key_revoked': status.FAILED_PRECONDITION,
  'unprocessable/key_expired': status.FAILED_PRECONDITION,
  'unprocessable/too_many_keys': status.FAILED_PRECONDITION,
  'unprocessable/too_many_secrets': status.FAILED_PRECONDITION,
};

/** Refusals of the calling service itself, whoever it calls for (`@hokusai/service-kit`'s gRPC server). */
export const CALLER_REFUSALS = {
  unknown: 'caller_unknown',
  notGranted: 'method_not_granted',
} as const;
const CALLER_REFUSAL_REASONS: ReadonlySet<string | undefined> = new Set(Object.values(CALLER_REFUSALS));

/** For statuses that grpc-js or a foreign server made, without our trailer. */
const CODE_BY_STATUS: Partial<Record<status, ErrorCode>> = {
  [status.CANCELLED]: 'unavailable',
  [status.INVALID_ARGUMENT]: 'invalid_request',
  [status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
  [status.NOT_FOUND]: 'not_found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.FAILED_PRECONDITION]: 'unprocessable',
  [status.PERMISSION_DENIED]: 'permission_denied',
  [status.RESOURCE_EXHAUSTED]: 'unavailable',
  [status.ABORTED]: 'conflict',
  [status.UNAVAILABLE]: 'unavailable',
  [status.UNAUTHENTICATED]: 'unauthenticated',
};

const wireError = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  // A newer replica may give one that is not known here: it is passed on.
  reason: z.custom<ErrorReason>((value) => typeof value === 'string').optional(),
  violations: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
  retryAfterSeconds: z.number().optional(),
});

/** What a handler answers for whatever it threw. Of very many violations the first ones are kept. */
export function toStatus(thrown: unknown): StatusObject {
  const error = toHokusaiError(thrown);
  const code = STATUS_BY_REASON[`${error.code}/${error.reason}`] ?? STATUS_BY_CODE[error.code];
  const metadata = new Metadata();
  metadata.set(TRAILER, toTrailer(error, shortened(error.message, MAX_MESSAGE_BYTES, jsonBytes)));
  const message = shortened(error.message, MAX_SHORT_MESSAGE_BYTES, Buffer.byteLength);
  const details = { status: code, message, error, maxBytes: MAX_DETAILS_BYTES };
  metadata.set(DETAILS_TRAILER, encodeStatusDetails(details));
  return {
    code,
    details: shortened(error.message, MAX_PERCENT_ENCODED_MESSAGE_BYTES, (text) => encodeURI(text).length),
    metadata,
  };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The text, well-formed, since grpc-js fails on half a surrogate pair; cut where `sizeOf` it would exceed the limit. */
function shortened(text: string, limit: number, sizeOf: (text: string) => number): string {
  // No character takes less than one byte.
  const whole = text.slice(0, limit + 1).toWellFormed();
  if (sizeOf(whole) <= limit) return whole;
  let [fits, exceeds] = [0, whole.length];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (sizeOf(`${whole.slice(0, middle).toWellFormed()}…`) <= limit) fits = middle;
    else exceeds = middle;
  }
  return `${whole.slice(0, fits).toWellFormed()}…`;
}

/** `{"path":"","message":"and 1234567 more"},` */
const ROOM_FOR_REST = 50;

function toTrailer({ code, reason, violations, retryAfterSeconds }: HokusaiError, message: string): Buffer {
  const wire = { code, message, reason, retryAfterSeconds, violations: [] as Violation[] };
  let bytesLeft = MAX_TRAILER_BYTES - jsonBytes(wire) - ROOM_FOR_REST;
  for (const [index, violation] of violations.entries()) {
    bytesLeft -= jsonBytes(violation) + 1;
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
  // A 401 or 403 would tell our own caller that something is wrong with what they sent.
  if (CALLER_REFUSAL_REASONS.has(wire?.reason))
    return new HokusaiError('unavailable', `The ${peer} does not accept the credentials of its caller.`, {
      cause: error,
    });
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
