/**
 * Every reason that an error may give, with the codes that it comes with. Programs, dashboards, usage rows and the
 * audit log depend on the names: add, never rename. docs/reference/errors.md explains each of them.
 */
import type { ErrorCode } from './error-codes.ts';

type ReasonTable = Readonly<Record<string, readonly ErrorCode[]>>;

/** Who asks. */
const CREDENTIALS = {
  key_missing: ['unauthenticated'],
  key_malformed: ['unauthenticated'],
  unknown_key: ['unauthenticated'],
  several_keys: ['invalid_request'],
  misplaced_key: ['invalid_request'],
  key_revoked: ['permission_denied', 'unprocessable'],
  key_expired: ['permission_denied', 'unprocessable'],
  secret_rotated: ['permission_denied'],
  owner_disabled: ['permission_denied', 'unprocessable'],
  address_not_allowed: ['permission_denied'],
  scope_missing: ['permission_denied'],
  insecure_transport: ['permission_denied'],
  foreign_origin: ['permission_denied'],
  environment_not_served: ['permission_denied'],
  route_switched_off: ['permission_denied'],
  admin_only: ['permission_denied'],
  caller_unknown: ['unauthenticated'],
  method_not_granted: ['permission_denied'],
} as const satisfies ReasonTable;

/** The form of a request, whoever sends it. */
const FORM = {
  ambiguous_path: ['invalid_request'],
  ambiguous_head: ['invalid_request'],
  malformed_request: ['invalid_request'],
  malformed_message: ['invalid_request'],
  unexpected_body: ['invalid_request'],
  malformed_body: ['invalid_request'],
  malformed_query: ['invalid_request'],
  invalid_cursor: ['invalid_request'],
  invalid_idempotency_key: ['invalid_request'],
  method_not_allowed: ['invalid_request'],
  request_timeout: ['invalid_request', 'deadline_exceeded'],
  body_too_large: ['invalid_request'],
  unsupported_media_type: ['invalid_request'],
  expectation_failed: ['invalid_request'],
  header_too_large: ['invalid_request'],
  unsupported_transfer_coding: ['invalid_request'],
  unknown_route: ['not_found'],
} as const satisfies ReasonTable;

/** What an operation on keys, users, usage or the audit log finds wrong. */
const OPERATIONS = {
  key_not_found: ['not_found'],
  user_not_found: ['not_found', 'unprocessable'],
  secret_not_found: ['not_found'],
  event_not_found: ['not_found'],
  invalid_values: ['unprocessable'],
  invalid_field: ['unprocessable'],
  idempotency_key_reused: ['unprocessable'],
  admin_on_test_key: ['unprocessable'],
  admin_for_member: ['unprocessable'],
  environment_escalation: ['unprocessable', 'permission_denied'],
  scope_not_held: ['unprocessable', 'permission_denied'],
  scope_beyond_creator: ['unprocessable'],
  expiry_beyond_actor: ['unprocessable', 'permission_denied'],
  expiry_beyond_creator: ['unprocessable'],
  address_beyond_actor: ['unprocessable', 'permission_denied'],
  address_beyond_creator: ['unprocessable'],
  limit_loosened: ['unprocessable'],
  limit_beyond_actor: ['permission_denied'],
  own_account: ['unprocessable'],
  too_many_keys: ['unprocessable'],
  too_many_secrets: ['unprocessable'],
  version_mismatch: ['conflict'],
  concurrent_change: ['conflict'],
  external_id_taken: ['conflict'],
  prefix_taken: ['conflict'],
  still_running: ['conflict'],
  answer_lost: ['conflict'],
  rotated_since: ['conflict'],
} as const satisfies ReasonTable;

/** Limits, load and outages: the same request may succeed later. */
const LATER = {
  rate_limited: ['rate_limited'],
  auth_failures_limited: ['rate_limited'],
  verification_running: ['rate_limited'],
  overloaded: ['unavailable'],
  key_overloaded: ['unavailable'],
  keys_unavailable: ['unavailable'],
  usage_unavailable: ['unavailable'],
  audit_unavailable: ['unavailable'],
  limits_unavailable: ['unavailable'],
  receipt_unavailable: ['unavailable'],
  unknown_keys_shed: ['unavailable'],
  hashing_queue_full: ['unavailable'],
  key_state_unsettled: ['unavailable'],
  standby: ['unavailable'],
  upstream_unreachable: ['unavailable'],
  upstream_broke_off: ['unavailable'],
  upstream_connect_timeout: ['deadline_exceeded'],
  upstream_response_timeout: ['deadline_exceeded'],
  upstream_body_timeout: ['deadline_exceeded'],
  malformed_answer: ['internal'],
} as const satisfies ReasonTable;

export const ERROR_REASONS = { ...CREDENTIALS, ...FORM, ...OPERATIONS, ...LATER };

export type ErrorReason = keyof typeof ERROR_REASONS;
