/**
 * Configuration from the environment: a zod schema per variable, all problems reported at once.
 *
 * Every variable can also be given as `NAME_FILE`, a path whose content is the value (one trailing line
 * break is cut), as container secrets are.
 */
import { readFileSync } from 'node:fs';
import { parseTagRing } from '@hokusai/key-format';
import { z } from 'zod';
import { describeConfig, ofKind, type ShownValue, secret, shown, shownUrl } from './config-description.ts';
import { type DoubtfulVariable, doubtfulVariables } from './config-doubts.ts';
import { printedConfig } from './config-print.ts';

/** sysexits(3) EX_CONFIG: supervisors can tell a wrong configuration from a crash. */
export const EXIT_CONFIG = 78;
/** sysexits(3) EX_USAGE: the command line can't be meant. */
export const EXIT_USAGE = 64;

export type Environment = Readonly<Record<string, string | undefined>>;

/** One line for each variable that is missing or wrong; never a value, since it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`invalid configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }

  /** Names that the problems begin with: of a file that can't be read, `NAME_FILE`. */
  get variables(): string[] {
    return this.problems.map((problem) => problem.split(':', 1)[0] as string);
  }
}

type Values<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;
/** What is read by some variables. */
export type ConfigValues<Shape extends z.ZodRawShape> = Values<Shape>;

/**
 * What must hold between variables. Gets those that are right by themselves, and answers problems that begin
 * with the name of a variable, as `NAME: is required with OTHER`.
 */
export type ConfigRule<Config = never> = (values: Partial<Config>) => readonly string[];

/** Reads the variables that `shape` names. An empty variable counts as absent. Throws ConfigError. */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Environment,
  rules: readonly ConfigRule<Values<Shape>>[] = [],
): Values<Shape> {
  const problems = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const text = readVariable(name, env, problems) || undefined;
    // What could not be read is not missing as well.
    if (problems.has(name)) continue;
    const parsed = (schema as z.ZodType).safeParse(text);
    if (!parsed.success) problems.set(name, `${name}: ${problemOf(text, parsed.error)}`);
    else if (parsed.data !== undefined) values[name] = parsed.data;
  }
  for (const problem of rules.flatMap((rule) => rule(values as Partial<Values<Shape>>))) {
    const name = problem.split(':', 1)[0] as string;
    if (!problems.has(name)) problems.set(name, problem);
  }
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  return values as Values<Shape>;
}

/** A configuration as a program has it: what it reads, and how. */
export interface Configuration<Shape extends z.ZodRawShape = z.ZodRawShape> {
  shape: Shape;
  /** Throws ConfigError with all problems. */
  load(env?: Environment): Values<Shape>;
  /** What may be told of it: no secret, and no credential in a URL. */
  describe(config: Values<Shape>): Record<string, ShownValue>;
  /** The same as lines that begin with `NAME=value`, each with where it comes from. */
  print(config: Values<Shape>, env?: Environment): string;
  /** What is set and not read, and looks like a typing error. */
  doubts(env?: Environment): DoubtfulVariable[];
}

/** What a configuration reads. */
export type ConfigOf<Known extends Configuration> = ReturnType<Known['load']>;

/** The configuration of a program, read from the environment of its process unless another one is given. */
export function defineConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  rules: readonly ConfigRule<Values<Shape>>[] = [],
): Configuration<Shape> {
  return {
    shape,
    load: (env = process.env) => loadConfig(shape, env, rules),
    describe: (config) => describeConfig(shape, config as Record<string, unknown>),
    print: (config, env = process.env) => printedConfig(shape, config as Record<string, unknown>, env),
    doubts: (env = process.env) => doubtfulVariables(Object.keys(shape), env),
  };
}

function problemOf(text: string | undefined, error: z.ZodError): string {
  return text === undefined ? 'is required' : error.issues.map(({ message }) => message).join('; ');
}

function readVariable(name: string, env: Environment, problems: Map<string, string>): string | undefined {
  const path = env[`${name}_FILE`];
  if (!path) return env[name];
  if (env[name]) {
    problems.set(name, `${name}: set both as ${name} and as ${name}_FILE; leave one of them out`);
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.set(name, `${name}_FILE: can't read ${path} (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/**
 * Schemas of common kinds of variables, with messages that say what is expected. What can't hold a secret may be
 * shown (`config-description.ts`); a text may hold one.
 */
export const variable = {
  text: () => z.string(),
  integer: (min: number, max: number) => {
    const expected = `expected a whole number from ${min} to ${max}`;
    const text = z.string().regex(/^-?\d{1,16}$/, expected);
    const integer = text.transform(Number).refine((value) => value >= min && value <= max, expected);
    return ofKind(`a whole number from ${min} to ${max}`, shown(integer));
  },
  port: () => ofKind('a port; 0 for any that is free', variable.integer(0, 65_535)),
  boolean: () => {
    const text = z.enum(['true', 'false'], 'expected true or false');
    return ofKind('true or false', shown(text.transform((value) => value === 'true')));
  },
  oneOf: <const Names extends readonly [string, ...string[]]>(names: Names) =>
    ofKind(`one of ${names.join(', ')}`, shown(z.enum(names, `expected one of ${names.join(', ')}`))),
  /** An absolute URL with one of the schemes, e.g. `['postgres', 'postgresql']`. */
  url: (...schemes: string[]) => {
    const starts = schemes.map((scheme) => `${scheme}://`).join(' or ');
    const isUrl = (text: string) =>
      URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
    const url = z.string().refine(isUrl, { message: `expected a URL that starts with ${starts}` });
    return ofKind(`a URL, ${starts}`, shown(url, shownUrl));
  },
  /** The same, or several separated by commas. */
  urls: (...schemes: string[]) => {
    const one = variable.url(...schemes);
    const starts = schemes.map((scheme) => `${scheme}://`).join(' or ');
    const areUrls = (text: string) => text.split(',').every((each) => one.safeParse(each.trim()).success);
    const message = `expected URLs that start with ${starts}, separated by commas`;
    return ofKind(
      `URLs, ${starts}, separated by commas`,
      shown(z.string().refine(areUrls, { message }), shownUrl),
    );
  },
  /** `host:port`, or several separated by commas. */
  hostPorts: () =>
    ofKind(
      'host:port, or several separated by commas',
      shown(z.string().regex(/^[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*$/, 'expected host:port[,host:port …]')),
    ),
  /** Tag keys as `parseTagRing` reads them, newest first. */
  tagRing: () => {
    const ring = z.string().transform((text, context) => {
      const parsed = parseTagRing(text);
      if (parsed.problem === undefined) return parsed.ring;
      context.addIssue({ code: 'custom', message: parsed.message });
      return z.NEVER;
    });
    return ofKind('a ring: id:secret[,id:secret …]', secret(ring));
  },
  /** A ring of secrets, newest first: `id:base64url,id:base64url`, each of 32 bytes or more. */
  secretRing: () => {
    const ring = z.string().transform((text, context) => {
      const parsed = parseSecretRing(text);
      if (parsed) return parsed;
      context.addIssue({
        code: 'custom',
        message: 'expected id:secret[,id:secret …], newest first, secrets of at least 32 bytes in base64url',
      });
      return z.NEVER;
    });
    const ids = (known: RingSecret[]) => known.map(({ id }) => id);
    return ofKind('a ring: id:secret[,id:secret …]', secret(shown(ring, ids)));
  },
};

/** One secret of a ring. The id is public and says which secret made a value. */
export interface RingSecret {
  id: string;
  secret: Buffer;
}

function parseSecretRing(text: string): RingSecret[] | undefined {
  const ring: RingSecret[] = [];
  for (const entry of text.split(',')) {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{43,})$/.exec(entry.trim());
    if (!match?.[1] || !match[2] || ring.some(({ id }) => id === match[1])) return undefined;
    ring.push({ id: match[1], secret: Buffer.from(match[2], 'base64url') });
  }
  return ring;
}
