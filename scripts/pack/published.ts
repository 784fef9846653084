/** The packages that are published, and the pages that come with each. */
import { globSync } from 'node:fs';

export interface Published {
  /** Relative to the checkout. */
  folder: string;
  /** Of the package, beside what its build makes. */
  parts: readonly string[];
  /** Pages of the documentation for readers of the package: patterns, relative to the checkout. */
  pages: readonly string[];
}

const PUBLISHED: readonly Published[] = [
  { folder: 'packages/sdk', parts: [], pages: ['docs/sdk/*.md', 'docs/cli/model-registration.md'] },
  { folder: 'packages/cli', parts: ['bin'], pages: [] },
];

/** All, or those of these folders. Throws where one is not published. */
export function findPublished(folders: readonly string[]): readonly Published[] {
  if (folders.length === 0) return PUBLISHED;
  return folders.map((folder) => {
    const found = PUBLISHED.find((each) => each.folder === folder.replace(/^\.\/|\/$/g, ''));
    if (found) return found;
    const known = PUBLISHED.map((each) => each.folder).join(' and ');
    throw new Error(`${folder} is not published: ${known} are.`);
  });
}

/** Where each page is in the checkout, by where it is in the archive. */
export function pagesOf({ folder, pages }: Published, root: string): Map<string, string> {
  const found = pages.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  return new Map([['README.md', `${folder}/README.md`], ...found.map((page) => [page, page] as const)]);
}
