/** Forms that blocks may have: each is run, compared with something, or says by which test it is held. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf, root } from './page.ts';
import { PROGRAM_LANGUAGES } from './programs.ts';

const SHELL = ['console', 'sh', 'bash', 'python'];

/** What a block of a language has to say in a comment, one of these, unless it is saved as a file. */
const NEEDED: Record<string, readonly string[]> = {
  json: ['schema', 'tested by'],
  yaml: ['settings of', 'tested by'],
  dotenv: ['settings of', 'tested by'],
  ini: ['tested by'],
  text: ['tested by', 'picture'],
  mermaid: [],
  ...Object.fromEntries([...SHELL, ...PROGRAM_LANGUAGES].map((language) => [language, []])),
};
const MARKS = ['first', 'exit code', 'not run', 'picture', 'schema', 'settings of', 'tested by'];
const EXISTING_TEST = /^(\S+\.test\.ts) "([^"]+)"$/;

/** Why blocks of a page are not run or held by any test, each with its line; empty if all are. */
export function problemsOf(text: string): string[] {
  const blocks = blocksOf(text);
  return [...hiddenCode(text), ...blocks.flatMap((block) => problemsOfBlock(block, blocks))];
}

function problemsOfBlock(block: Block, blocks: readonly Block[]): string[] {
  const { language, line, marks, file } = block;
  const needed = NEEDED[language];
  if (!needed) return [`line ${line}: a block of "${language}" can't be run: see docs/development.md`];
  const unknown = [...marks.keys()].filter((mark) => !MARKS.includes(mark));
  if (unknown.length > 0) return [`line ${line}: unknown comment "${unknown.join('", "')}"`];
  const named = marks.get('tested by');
  if (named !== undefined && !isTest(named)) return [`line ${line}: there is no test ${named}`];
  if (marks.has('not run')) return [];
  if (file !== undefined) {
    const isUsed =
      blocks.some((other) => other !== block && other.text.includes(file)) || named !== undefined;
    return isUsed ? [] : [`line ${line}: no other block uses the file ${file}`];
  }
  if (needed.length === 0 || needed.some((mark) => marks.has(mark))) return [];
  return [`line ${line}: a block of "${language}" says nothing of ${needed.join(' or ')}`];
}

/** Blocks that are not fenced, or whose fences do not begin in the first column. */
function hiddenCode(text: string): string[] {
  // As many empty lines in place of blocks, so that lines keep their numbers.
  const rest = text.replace(/^```[^\n`]*\n[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]+/g, ''));
  const lines = rest.split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line))
      return [`line ${index + 1}: fences begin in the first column, with \`\`\``];
    if (/^\s*<pre\b/i.test(line)) return [`line ${index + 1}: a block is fenced, not a <pre>`];
    const isIndented = /^(\t| {4,}|.{0,3}\t)\S/.test(line) && (lines[index - 1] ?? '').trim() === '';
    return isIndented ? [`line ${index + 1}: a block is fenced, not indented`] : [];
  });
}

/** @param named its file and a part of its title, as in `services/a/test/b.test.ts "does something"` */
function isTest(named: string): boolean {
  const [, file = '', title = ''] = EXISTING_TEST.exec(named) ?? [];
  if (file === '' || !existsSync(join(root, file))) return false;
  const source = readFileSync(join(root, file), 'utf8');
  return source.split('\n').some((line) => /\(\s*['"`]|^\s*['"`]/.test(line) && line.includes(title));
}
