/** The caller, as the gateway itself knows it. */
import { z } from 'zod';
import { heldScopes as scopesHeldBy } from '../../domain/decision.ts';
import type { SignInReporter } from '../../domain/ports.ts';
import type { Exchange } from '../exchange.ts';
import { reportedRequest } from '../reported-request.ts';
import { actingKeyOf } from './caller.ts';
import { environment, heldScopes, keyPrefix, limit, role, stored, time, uuid } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const whoamiResponse = z
  .strictObject({
    key_id: uuid('Of the calling key.'),
    key_prefix: keyPrefix('Public first part of the secret that was used.'),
    name: stored('Of the key.', 'training pipeline'),
    environment,
    scopes: heldScopes("What the key may do, as far as its owner's role allows."),
    expires_at: time('From then on the key does not work; null: never.').nullable(),
    secret_valid_until: time(
      'A rotation replaced the secret that was used, which works until then; null: it is the current one.',
    ).nullable(),
    rate_limit_per_hour: limit('Requests in any hour.', 20_000),
    burst_limit: limit('Requests in any `burst_window_seconds`.', 100),
    burst_window_seconds: limit('Length of the burst window in seconds.', 1),
    allowed_ips: z
      .array(z.string())
      .meta({ description: 'From where the key works; empty: from anywhere.', examples: [['10.0.0.0/8']] }),
    user: z
      .strictObject({
        id: uuid('Of the owner.'),
        display_name: stored('What the owner is called.', 'Ada'),
        role,
      })
      .meta({ description: 'The owner of the key.' }),
  })
  .meta({ id: 'Whoami', description: 'The calling key and its owner.' });

export const whoami: Operation = operation({
  ...{ tag: 'Caller', id: 'whoami', method: 'get', path: '/api/v1/auth/whoami' },
  summary: 'Show the calling key and its owner',
  description:
    'It costs nothing, and tells in its headers how the key stands to its limits, also once they are used up.',
  scope: null,
  isFree: true,
  answer: { status: 200, schema: whoamiResponse, description: 'The caller.' },
  serve: (asked) => Promise.resolve(whoamiJson(asked.exchange)),
});

/** For who begins to work with a key, such as the command line's `login`: the same answer, and the log knows of it. */
export function signInOperation(signIns: SignInReporter): Operation {
  return operation({
    ...{ tag: 'Caller', id: 'signIn', method: 'post', path: '/api/v1/auth/sign-in' },
    summary: 'Begin to work with a key',
    description: 'Answers like `whoami`, and leaves `auth.signed_in` in the audit log. No request needs it.',
    scope: null,
    answer: { status: 200, schema: whoamiResponse, description: 'The caller.' },
    serve: ({ exchange }) => {
      signIns.signedIn(reportedRequest(exchange, actingKeyOf(exchange).proof.keyPrefix));
      return Promise.resolve(whoamiJson(exchange));
    },
  });
}

function whoamiJson(exchange: Exchange): z.input<typeof whoamiResponse> {
  const { proof, state } = actingKeyOf(exchange);
  const { limits, owner } = state;
  const secret = state.acceptedSecrets.find(({ keyPrefix: prefix }) => prefix === proof.keyPrefix);
  return {
    key_id: state.keyId,
    key_prefix: proof.keyPrefix,
    name: state.name,
    environment: state.environment,
    scopes: [...scopesHeldBy(state)],
    expires_at: timeOf(state.expiresAtMs),
    secret_valid_until: timeOf(secret?.validUntilMs ?? null),
    rate_limit_per_hour: limits.ratePerHour,
    burst_limit: limits.burst,
    burst_window_seconds: limits.burstWindowSeconds,
    allowed_ips: [...state.allowedIps],
    user: { id: owner.userId, display_name: owner.displayName, role: owner.role },
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
