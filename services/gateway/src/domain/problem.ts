/**
 * The answer to a request that is not served: RFC 9457 problem details, with `error_code` and `message`
 * beside them, which is what MLflow's client reads and prints. The one place where errors get a status.
 */
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import type { ErrorCode, HokusaiError, Violation } from '@hokusai/contracts/errors';

/** Statuses and codes. The codes in capitals are those that MLflow's client knows; another makes it warn. */
interface Kind {
  /** Where there is a registered one. */
  type?: string;
  status: number;
  errorCode: string;
  title: string;
}

/**
 * Never RESOURCE_DOES_NOT_EXIST, which MLflow's client takes as "create it".
 */
const KIND_BY_CODE: Record<ErrorCode, Kind> = {
  invalid_request: { status: 400, errorCode: 'INVALID_PARAMETER_VALUE', title: 'Bad request' },
  unprocessable: { status: 422, errorCode: 'INVALID_PARAMETER_VALUE', title: 'Invalid values' },
  unauthenticated: { status: 401, errorCode: 'UNAUTHENTICATED', title: 'Not authenticated' },
  permission_denied: { status: 403, errorCode: 'PERMISSION_DENIED', title: 'Not allowed' },
  not_found: { status: 404, errorCode: 'NOT_FOUND', title: 'Not found' },
  conflict: { status: 409, errorCode: 'RESOURCE_CONFLICT', title: 'Conflict' },
  rate_limited: { status: 429, errorCode: 'REQUEST_LIMIT_EXCEEDED', title: 'Too many requests' },
  unavailable: { status: 503, errorCode: 'TEMPORARILY_UNAVAILABLE', title: 'Temporarily unavailable' },
  deadline_exceeded: { status: 504, errorCode: 'DEADLINE_EXCEEDED', title: 'No answer in time' },
  internal: { status: 500, errorCode: 'INTERNAL_ERROR', title: 'Internal error' },
};

/** Where HTTP tells apart what the rest of the system does not. */
const KIND_BY_REASON: Partial<Record<ErrorReason, Partial<Kind>>> = {
  unknown_route: { errorCode: 'ENDPOINT_NOT_FOUND' },
  method_not_allowed: { status: 405, errorCode: 'ENDPOINT_NOT_FOUND', title: 'Method not allowed' },
  request_timeout: { status: 408, errorCode: 'DEADLINE_EXCEEDED', title: 'Request not sent in time' },
  body_too_large: { status: 413, title: 'Body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  expectation_failed: { status: 417, title: 'Expectation failed' },
  header_too_large: { status: 431, title: 'Header fields too large' },
  unsupported_transfer_coding: { status: 501, title: 'Unsupported transfer coding' },
  /** Of RateLimit header fields for HTTP, draft-ietf-httpapi-ratelimit-headers, with its member `violated-policies`. */
  rate_limited: { type: 'https://iana.org/assignments/http-problem-types#quota-exceeded' },
  upstream_broke_off: { status: 502, title: 'Bad gateway' },
};

export interface ProblemBody {
  /** `urn:hokusai:error:<reason>`, or a registered one: stable, for programs. */
  type: string;
  title: string;
  status: number;
  detail: string;
  error_code: string;
  /** The detail with the request id: all that MLflow's client shows. */
  message: string;
  request_id: string;
  /** Every rule that the request broke. */
  violations?: readonly Violation[];
  /** Names of the limits that are used up. */
  'violated-policies'?: readonly string[];
}

export interface Problem {
  status: number;
  /** Seconds for the header Retry-After. */
  retryAfterSeconds: number | undefined;
  body: ProblemBody;
}

export function problemOf(error: HokusaiError, requestId: string): Problem {
  const kind = { ...KIND_BY_CODE[error.code], ...(error.reason && KIND_BY_REASON[error.reason]) };
  const { status, errorCode, title } = kind;
  const body: ProblemBody = {
    type: kind.type ?? `urn:hokusai:error:${error.reason ?? error.code}`,
    title,
    status,
    detail: error.message,
    error_code: errorCode,
    message: `${error.message} (request id ${requestId})`,
    request_id: requestId,
  };
  if (error.reason === 'rate_limited') body['violated-policies'] = error.violations.map(({ path }) => path);
  else if (error.violations.length > 0) body.violations = error.violations;
  return { status, retryAfterSeconds: retryAfterOf(status, error), body };
}

/** MLflow's client would sleep through a Retry-After on a 413, where waiting mends nothing. */
function retryAfterOf(status: number, error: HokusaiError): number | undefined {
  if (status === 503) return error.retryAfterSeconds ?? 5;
  return status === 429 || status === 409 ? error.retryAfterSeconds : undefined;
}
