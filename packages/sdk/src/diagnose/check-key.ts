/** The key: whether the gateway takes it, for how long yet, and what it may do. Asked in a way that costs nothing. */
import { Credentials } from '../config/credentials.ts';
import { type Asking, ask, failureOf } from './ask.ts';
import { parsed } from './check-gateway.ts';
import { failed, type Outcome, ok, skipped, warning } from './report.ts';
import { secretOf } from './situation.ts';
import { daysUntil, momentOf } from './times.ts';

/** Free at a gateway: it is not charged to the limits of the key. */
const WHOAMI = '/api/v1/auth/whoami';
const SOON_DAYS = 14;

/** What a gateway says of the calling key, as far as it is looked at. */
export interface Caller {
  key_prefix: string;
  name: string;
  scopes: readonly string[];
  expires_at: string | null;
  secret_valid_until: string | null;
  user: { display_name: string };
}

export interface KeyFound {
  outcome: Outcome;
  caller: Caller | undefined;
}

const NO_GATEWAY = 'There is no gateway, so there is no key of one.';

/** @param root undefined where MLflow answers without a gateway */
export async function checkKey(asking: Asking, root: URL | undefined): Promise<KeyFound> {
  const caller = undefined;
  if (!root) return { caller, outcome: skipped(NO_GATEWAY) };
  const secret = secretOf(asking.config);
  if (secret === undefined) return { caller, outcome: noKey() };
  if (!/^[\x21-\x7e]+$/.test(secret)) return { caller, outcome: noKeyAsPassword() };
  try {
    // Keys come as Basic's password only to MLflow.
    const credentials = new Credentials({ kind: 'bearer', token: secret });
    const { text, headers } = await ask(asking, root, WHOAMI, credentials);
    const said = callerOf(parsed(text));
    if (!said) return { caller, outcome: unreadable() };
    return {
      caller: said,
      outcome: judged(
        credentials.redact(described(said)),
        headers['x-ratelimit-remaining'],
        headers['x-ratelimit-limit'],
      ),
    };
  } catch (error) {
    return { caller, outcome: failureOf(error, 'The gateway does not take the key') };
  }
}

function noKey(): Outcome {
  return failed('configuration', 'The gateway takes requests with a key only, and none is configured.', [
    "Set MLFLOW_TRACKING_TOKEN to your key. HOKUSAI_API_KEY is taken, too, but not by MLflow's Python client.",
    'Without one, ask for it, or create it with: hokusai auth create-key --name NAME',
  ]);
}

function noKeyAsPassword(): Outcome {
  return failed('unauthenticated', 'The password is no key, and the gateway takes nothing else.', [
    'Make the key the password, or set MLFLOW_TRACKING_TOKEN to it and unset MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
  ]);
}

function unreadable(): Outcome {
  return failed('incomplete', 'The gateway says something about the key that can not be understood here.', [
    'This program may be too old for the gateway: bring it up to date.',
  ]);
}

function described({ key_prefix: prefix, name, user }: Caller): string {
  return `${prefix}, “${name}” of ${user.display_name}`;
}

function judged(who: string, ...limits: unknown[]): Outcome {
  const [left, limit] = limits.map((value) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null,
  );
  const saw = `The gateway knows ${who}.`;
  if (left == null || limit == null) return ok(saw);
  if (left > 0) return ok(`${saw} It has ${left} of ${limit} requests of this hour left.`);
  return warning(`${saw} It has used up its limit of ${limit} requests per hour.`, [
    "Wait, or ask for a higher limit: until then requests are answered 429, and MLflow's Python client waits silently.",
  ]);
}

export function checkExpiry(caller: Caller | undefined, nowMs: number): Outcome {
  if (!caller) return skipped(NO_GATEWAY);
  const { expires_at: end, secret_valid_until: graceEnd } = caller;
  if (graceEnd !== null) {
    return warning(`The key was rotated. This old secret of it works until ${momentOf(graceEnd)}.`, [
      'Put the new secret in its place before.',
    ]);
  }
  if (end === null) return ok('The key does not expire.');
  const days = daysUntil(Date.parse(end), nowMs);
  const saw = `The key expires at ${momentOf(end)}.`;
  if (days >= SOON_DAYS) return ok(saw);
  return warning(saw, [
    'Ask for its expiry to be extended, or for a new key: hokusai auth update-key ID --expires 90d',
  ]);
}

const MEANING = {
  'mlflow:read': 'look at everything, search and download',
  'mlflow:write': 'log runs, upload artifacts and register models',
  'mlflow:delete': 'delete',
} as const;

export function checkScopes(caller: Caller | undefined): Outcome {
  if (!caller) return skipped(NO_GATEWAY);
  const scopes = Object.keys(MEANING) as (keyof typeof MEANING)[];
  const [can, cannot] = [true, false].map((isHeld) =>
    scopes
      .filter((scope) => caller.scopes.includes(scope) === isHeld)
      .map((scope) => `${MEANING[scope]} (${scope})`),
  ) as [string[], string[]];
  const saw = [
    ...(can.length > 0 ? [`It can ${can.join(', ')}.`] : []),
    ...(cannot.length > 0 ? [`It can't ${cannot.join(', ')}.`] : []),
  ].join(' ');
  if (!caller.scopes.includes('mlflow:read')) {
    return failed('forbidden', saw, [askFor('mlflow:read'), 'Without it no client of MLflow gets far.']);
  }
  if (!caller.scopes.includes('mlflow:write')) {
    return warning(saw, [
      `Logging is refused with 403. If this program is to log: ${askFor('mlflow:write')}`,
    ]);
  }
  return ok(saw);
}

function askFor(scope: string): string {
  return `Ask for the scope ${scope}: an administrator adds it with hokusai auth update-key ID --scope …`;
}

function callerOf(value: unknown): Caller | undefined {
  const said = (value ?? {}) as Partial<Record<keyof Caller, unknown>>;
  const {
    key_prefix: prefix,
    name,
    scopes,
    expires_at: end = null,
    secret_valid_until: graceEnd = null,
  } = said;
  const user = (said.user ?? {}) as { display_name?: unknown };
  const isText = (text: unknown): text is string => typeof text === 'string';
  const isTime = (text: unknown): text is string | null => text === null || isText(text);
  if (!isText(prefix) || !isText(name) || !isText(user.display_name)) return undefined;
  if (!Array.isArray(scopes) || !scopes.every(isText) || !isTime(end) || !isTime(graceEnd)) return undefined;
  const owner = { display_name: user.display_name };
  return { key_prefix: prefix, name, scopes, expires_at: end, secret_valid_until: graceEnd, user: owner };
}
