import { glob } from 'node:fs/promises';

export type PartName = 'unit' | 'integration' | 'e2e' | 'docs' | 'containers';

export interface Part {
  name: PartName;
  /** Where its tests are, relative to the checkout. */
  patterns: readonly string[];
  /**
   * What the paths of some of them begin with, that take about as long as all others: these and the others
   * run side by side, in processes with servers of their own.
   */
  lane?: readonly string[];
  /** Runs side by side with this part, too, which comes before it: each has a stack of its own. */
  beside?: PartName;
  /** Runs only where it is named, as it needs what the runner does not start. */
  onlyByName?: boolean;
  /** Of one test or hook, unless it sets its own. */
  timeoutMs: number;
  /** Of the whole part; what is running then is ended and counts as failed. */
  limitMs: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** In the order in which they run: the quickest answer first. */
export const PARTS: readonly Part[] = [
  {
    name: 'unit',
    patterns: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
    timeoutMs: 20 * SECOND_MS,
    limitMs: 10 * MINUTE_MS,
  },
  {
    name: 'integration',
    patterns: ['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts'],
    // All that needs MLflow among them, which takes long to start.
    lane: [
      'packages/local-stack/',
      'packages/testing/',
      'services/audit/',
      'services/gateway/',
      'services/usage/',
    ],
    timeoutMs: MINUTE_MS,
    limitMs: 25 * MINUTE_MS,
  },
  { name: 'e2e', patterns: ['test/e2e/**/*.test.ts'], timeoutMs: 5 * MINUTE_MS, limitMs: 40 * MINUTE_MS },
  {
    name: 'docs',
    patterns: ['test/docs/**/*.test.ts'],
    beside: 'e2e',
    timeoutMs: 3 * MINUTE_MS,
    limitMs: 30 * MINUTE_MS,
  },
  // The containers are those of scripts/containers/e2e.ts.
  {
    name: 'containers',
    patterns: ['test/containers/**/*.test.ts'],
    onlyByName: true,
    timeoutMs: 2 * MINUTE_MS,
    limitMs: 10 * MINUTE_MS,
  },
];

/** What of the tests to run. */
export interface Selection {
  parts: readonly Part[];
  /** Only files whose path contains one of these; all if empty. */
  paths: readonly string[];
  /** Only tests whose full title contains this. */
  title?: string;
}

/**
 * Reads `[unit|integration|e2e|docs|containers]... [path or title]...`: what holds a slash or ends in .ts is part of a path,
 * other words together are part of a title; so is a page, by whose path its tests are named.
 */
export function parseSelection(args: readonly string[]): Selection {
  const isPart = (arg: string) => PARTS.some((part) => part.name === arg);
  const isPath = (arg: string) => (arg.includes('/') && !arg.endsWith('.md')) || arg.endsWith('.ts');
  const title = args.filter((arg) => !isPart(arg) && !isPath(arg)).join(' ');
  return {
    parts: PARTS.filter(({ name, onlyByName }) => (args.some(isPart) ? args.includes(name) : !onlyByName)),
    paths: args.filter(isPath).map((path) => path.replace(/^\.\//, '')),
    ...(title === '' ? {} : { title }),
  };
}

/** Test files of a part, relative to the checkout and in a fixed order. */
export async function findFiles(part: Part, paths: readonly string[], root: string): Promise<string[]> {
  const exclude = (path: string) => /(^|\/)(node_modules|dist)$/.test(path);
  const files = await Array.fromAsync(glob(part.patterns, { cwd: root, exclude }));
  const isSelected = (file: string) => paths.length === 0 || paths.some((path) => file.includes(path));
  return files.filter(isSelected).sort();
}

/** The files of a part, by the processes that run them side by side; none of them is empty. */
export function lanesOf({ lane }: Part, files: readonly string[], processors: number): string[][] {
  if (lane === undefined || processors < 2) return [[...files]];
  const isOfLane = (file: string) => lane.some((begin) => file.startsWith(begin));
  const lanes = [files.filter(isOfLane), files.filter((file) => !isOfLane(file))];
  return lanes.filter((some) => some.length > 0);
}

/** The parts by what runs side by side, where there are processors for it. */
export function groupsOf(parts: readonly Part[], processors: number): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (processors > 1 && part.beside !== undefined && last?.[0]?.name === part.beside) last.push(part);
    else groups.push([part]);
  }
  return groups;
}
