import { Credentials } from './credentials.ts';
import type { SettingReader } from './setting-reader.ts';
import type { CREDENTIAL_VARIABLES } from './settings.ts';
import type { Source } from './types.ts';

interface Found {
  credentials: Credentials;
  source: Source;
}

const NONE = new Credentials({ kind: 'none' });

/**
 * The first that there is: Basic by argument, Bearer by argument, the pair of variables, `MLFLOW_TRACKING_TOKEN`,
 * `HOKUSAI_API_KEY`. MLflow's client prefers the pair to the token, too.
 */
export function readCredentials(reader: SettingReader): Found {
  return (
    basicByArgument(reader) ??
    bearerByArgument(reader) ??
    basicByVariable(reader) ??
    bearerByVariable(reader, 'MLFLOW_TRACKING_TOKEN') ??
    bearerByVariable(reader, 'HOKUSAI_API_KEY') ?? { credentials: NONE, source: 'default' }
  );
}

function basicByArgument(reader: SettingReader): Found | undefined {
  const username = secretArgument(reader, 'username');
  const password = secretArgument(reader, 'password');
  return pair(reader, 'username', username, 'password', password, 'argument');
}

function bearerByArgument(reader: SettingReader): Found | undefined {
  const token = secretArgument(reader, 'token');
  const apiKey = secretArgument(reader, 'apiKey');
  if (token !== undefined && apiKey !== undefined)
    reader.problems.push('token and apiKey are both given, and both are sent in the same place: give one');
  if (token !== undefined) return bearer(reader, 'token', token, 'argument');
  return apiKey === undefined ? undefined : bearer(reader, 'apiKey', apiKey, 'argument');
}

function basicByVariable(reader: SettingReader): Found | undefined {
  const [first, second] = ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'] as const;
  const source = { variable: first };
  return pair(reader, first, reader.variable(first), second, reader.variable(second), source);
}

function bearerByVariable(
  reader: SettingReader,
  variable: keyof typeof CREDENTIAL_VARIABLES,
): Found | undefined {
  const token = reader.variable(variable);
  return token === undefined ? undefined : bearer(reader, variable, token, { variable });
}

function secretArgument(reader: SettingReader, name: string): string | undefined {
  const value = reader.argument(name);
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  reader.problems.push(`${name} must be text that is not empty`);
  return undefined;
}

function pair(
  reader: SettingReader,
  usernameName: string,
  username: string | undefined,
  passwordName: string,
  password: string | undefined,
  source: Source,
): Found | undefined {
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    const [given, missing] =
      username === undefined ? [passwordName, usernameName] : [usernameName, passwordName];
    reader.problems.push(`${given} is given without ${missing}: give both or neither`);
    return { credentials: NONE, source };
  }
  if (username.includes(':')) reader.problems.push(`${usernameName} holds a colon, which Basic can't carry`);
  return { credentials: new Credentials({ kind: 'basic', username, password }), source };
}

function bearer(reader: SettingReader, name: string, token: string, source: Source): Found {
  if (!/^[\x21-\x7e]+$/.test(token))
    reader.problems.push(
      `${name} holds a space, a line break or another character that no key has: copy it again, with nothing before or after it`,
    );
  return { credentials: new Credentials({ kind: 'bearer', token }), source };
}
