import { type Setting, Unusable } from './settings.ts';
import type { Environment, ExperimentManagerConfig, Source } from './types.ts';

/** Reads settings one by one, and collects what is wrong with them in place of stopping at the first. */
export class SettingReader {
  readonly problems: string[] = [];
  readonly sources: Record<string, Source> = {};
  readonly #input: Readonly<Record<string, unknown>>;
  readonly #env: Environment;

  constructor(input: ExperimentManagerConfig, env: Environment) {
    this.#input = input as Readonly<Record<string, unknown>>;
    this.#env = env;
  }

  /** The argument's value; undefined and null are absent. */
  argument(name: string): unknown {
    return this.#input[name] ?? undefined;
  }

  /** The variable's text; an empty one is absent. */
  variable(name: string): string | undefined {
    return this.#env[name] || undefined;
  }

  /** The fallback if there is a problem, which is in `problems` then. */
  read<Value>(name: string, setting: Setting<Value>): Value {
    const argument = this.argument(name);
    if (argument !== undefined)
      return this.#take(name, 'argument', setting, () => setting.fromArgument(argument));
    const text = this.variable(setting.variable);
    if (text !== undefined)
      return this.#take(name, { variable: setting.variable }, setting, () => setting.fromText(text));
    return this.#take(name, 'default', setting, () => setting.fallback);
  }

  #take<Value>(name: string, source: Source, setting: Setting<Value>, read: () => Value): Value {
    this.sources[name] = source;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.problems.push(`${typeof source === 'object' ? source.variable : name} ${error.message}`);
      return setting.fallback;
    }
  }
}
