/** Examples of the documentation, taken out of its pages to be run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** A fenced block of a page. */
export interface Block {
  language: string;
  text: string;
  /** Title of the section that it is in. */
  section: string;
  /** The last line of text before it. */
  before: string;
}

/** @param page relative to the checkout */
export function readBlocks(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: body = '', index }) => {
      const above = text.slice(0, index);
      return {
        language,
        text: body,
        section: /.*^## ([^\n]+)/ms.exec(above)?.[1] ?? '',
        before: above.trimEnd().split('\n').at(-1) ?? '',
      };
    },
  );
}

export interface Program {
  /** E.g. `2-runs.ts`. */
  file: string;
  section: string;
  text: string;
  /** What it prints, by the comments behind its `console.log`. */
  prints: string[];
}

/** What the block above the other examples of a page is announced with. */
const START = 'go on from this:';

/**
 * The programs of a page in TypeScript and JavaScript. A block that imports is the beginning of one; the others go on
 * where the block before them in their section stopped, or where the page says that all examples begin.
 */
export function programsOf(blocks: readonly Block[]): Program[] {
  const start = blocks.find(({ before }) => before.endsWith(START))?.text ?? '';
  const programs: { section: string; extension: string; texts: string[] }[] = [];
  for (const { language, text, section } of blocks) {
    if (language !== 'ts' && language !== 'js') continue;
    const last = programs.at(-1);
    if (language === 'js') programs.push({ section, extension: 'cjs', texts: [text] });
    else if (/^import /m.test(text)) programs.push({ section, extension: 'ts', texts: [text] });
    else if (last?.section === section && last.extension === 'ts') last.texts.push(text);
    else programs.push({ section, extension: 'ts', texts: [start, text] });
  }
  return programs.map(({ section, extension, texts }, index) => {
    const text = texts.join('\n');
    const words = section.toLowerCase().match(/[a-z]+/g) ?? [];
    return { file: `${[index + 1, ...words].join('-')}.${extension}`, section, text, prints: printsOf(text) };
  });
}

function printsOf(text: string): string[] {
  return [...text.matchAll(/^\s*console\.log\(.*\); \/\/ (.+)$/gm)].map(([, printed = '']) => printed);
}

/** The command lines of a `console` block, and the lines that it shows after them; `…` stands for anything. */
export function sessionOf(text: string): { script: string; shown: string[] } {
  const script: string[] = [];
  const shown: string[] = [];
  let goesOn = false;
  for (const line of text.trimEnd().split('\n')) {
    const isTyped: boolean = goesOn || line.startsWith('$ ');
    if (isTyped) script.push(line.replace(/^\$ /, ''));
    else shown.push(line);
    goesOn = isTyped && line.endsWith('\\');
  }
  return { script: script.join('\n'), shown };
}

/** Whether a line is as the page shows it, however wide its columns are. */
export function isAsShown(line: string, shown: string): boolean {
  const words = (text: string) => text.trim().split(/\s+/).join(' ');
  const pattern = words(shown)
    .split('…')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(words(line));
}

/** The first of `expected` that does not come in `lines`, in this order; undefined if all do. */
export function firstMissing(
  lines: readonly string[],
  expected: readonly string[],
  isSame: (line: string, expected: string) => boolean = (line, text) => line === text,
): string | undefined {
  let place = 0;
  return expected.find((text) => {
    const found = lines.findIndex((line, index) => index >= place && isSame(line, text));
    place = found + 1;
    return found < 0;
  });
}
