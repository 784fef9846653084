/** Programs in TypeScript and JavaScript of a page. */
import type { Block } from './page.ts';

export const PROGRAM_LANGUAGES = ['ts', 'typescript', 'js', 'javascript'];

export interface Program {
  /** E.g. `2-runs.ts`. */
  file: string;
  text: string;
  /** What it prints, by the comments behind its `console.log`. */
  prints: string[];
}

/** What the block above the other examples of a page is announced with. */
const START = 'go on from this:';

/**
 * The programs of a page that are run by themselves. A block that imports is the beginning of one; the others go on
 * where the block before them in their section stopped, or where the page says that all examples begin.
 */
export function programsOf(blocks: readonly Block[]): Program[] {
  const start = blocks.find(({ before }) => before.endsWith(START))?.text ?? '';
  const programs: { section: string; extension: string; texts: string[] }[] = [];
  for (const { text, section } of blocks.filter(isRunByItself)) {
    const last = programs.at(-1);
    if (/\brequire\(/.test(text)) programs.push({ section, extension: 'cjs', texts: [text] });
    else if (/^import /m.test(text)) programs.push({ section, extension: 'ts', texts: [text] });
    else if (last?.section === section && last.extension === 'ts') last.texts.push(text);
    else programs.push({ section, extension: 'ts', texts: [start, text] });
  }
  return programs.map(({ section, extension, texts }, index) => {
    const text = texts.join('\n');
    const words = section.toLowerCase().match(/[a-z]+/g) ?? [];
    return { file: `${[index + 1, ...words].join('-')}.${extension}`, text, prints: printsOf(text) };
  });
}

function isRunByItself({ language, file, notRun, marks }: Block): boolean {
  const isProgram = PROGRAM_LANGUAGES.includes(language) && file === undefined;
  return isProgram && notRun === undefined && !marks.has('tested by');
}

function printsOf(text: string): string[] {
  return [...text.matchAll(/^\s*console\.log\(.*\); \/\/ (.+)$/gm)].map(([, printed = '']) => printed);
}
