/** A configuration as it is in force, for `--print-config`. */
import type { z } from 'zod';
import { type ShownValue, showValue } from './config-description.ts';

/**
 * A line for each variable that has a value, in the form of a file for shells, with where it comes from:
 *
 *     GATEWAY_PORT=8080  # default
 *     KEYS_GRPC_TOKEN=[set]  # from /run/secrets/gateway-keys-token
 *
 * What may be secret is told to be set, and no more.
 */
export function printedConfig(
  shape: z.ZodRawShape,
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const lines = Object.entries(shape)
    .filter(([name]) => config[name] !== undefined)
    .map(([name, schema]) => {
      const value = textOf(showValue(schema as z.ZodType, config[name]));
      return `${name}=${value}${sourceOf(name, env)}\n`;
    });
  return lines.join('');
}

function textOf(value: ShownValue): string {
  if (typeof value === 'string') return value;
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? value.join(',') : JSON.stringify(value);
}

function sourceOf(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const file = env[`${name}_FILE`];
  if (file) return `  # from ${file}`;
  return env[name] ? '' : '  # default';
}
