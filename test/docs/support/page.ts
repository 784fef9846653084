/** Pages of the documentation, and the blocks in them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** A fenced block of a page. */
export interface Block {
  /** First line of the fence, from 1. */
  line: number;
  /** What stands behind the fence; empty if nothing does. */
  language: string;
  text: string;
  /** Title of the section that it is in. */
  section: string;
  /** The last line of text before it that is not a comment. */
  before: string;
  /** Of what the reader would save it as, if the line before it says so. */
  file?: string;
  /** Why it is not run, by the comment above it. */
  notRun?: string;
  /** With which its commands have to end. */
  exitCode: number;
  /** Commands that are run before it and that the reader does not see. */
  first: string;
  /** All that the comments above it say, by what stands before their colon. */
  marks: ReadonlyMap<string, string>;
}

/** All pages that belong to the product, relative to the checkout. */
export function findPages(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((page) => page !== '' && existsSync(join(root, page)))
    .sort();
}

/** @param page relative to the checkout */
export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** Blocks whose fences begin in the first column, with what the comments directly above them say. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```([^\n`]*)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: body = '', index }) => blockAt(text.slice(0, index), language.trim(), body),
  );
}

function blockAt(above: string, language: string, text: string): Block {
  const comments = /(?:<!--(?:(?!-->)[\s\S])*-->\s*)*$/.exec(above)?.[0] ?? '';
  const before =
    above
      .slice(0, above.length - comments.length)
      .trimEnd()
      .split('\n')
      .at(-1) ?? '';
  const marks = new Map(
    [...comments.matchAll(/<!-- ([a-z ]+): ([\s\S]*?) -->/g)].map(([, what = '', text = '']) => [what, text]),
  );
  const file = /`([\w.-]+\.\w+)`:$/.exec(before)?.[1];
  const notRun = marks.get('not run');
  return {
    line: above.split('\n').length,
    language,
    text,
    section: /.*^## ([^\n]+)/ms.exec(above)?.[1] ?? '',
    before,
    ...(file === undefined ? {} : { file }),
    ...(notRun === undefined ? {} : { notRun }),
    exitCode: Number(marks.get('exit code') ?? 0),
    first: marks.get('first') ?? '',
    marks,
  };
}
