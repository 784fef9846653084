import type { ResolvedConfig, SettingName, Source } from './types.ts';

type Described = Pick<ResolvedConfig, SettingName | 'credentials' | 'sources'>;

/** Each setting with where it is from, for people; no secret. */
export function describeConfig(config: Described): Record<string, string> {
  const names = Object.keys(config.sources) as (keyof ResolvedConfig['sources'])[];
  return Object.fromEntries(
    names.map((name) => [name, `${shown(config[name])} (${sourceName(config.sources[name])})`]),
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : String(value);
}

export function sourceName(source: Source): string {
  return typeof source === 'object' ? source.variable : source;
}
