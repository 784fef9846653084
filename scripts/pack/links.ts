import { dirname, join, normalize, relative } from 'node:path/posix';

const BLOCKS = /^(```[^\n]*\n[\s\S]*?^```$)/m;
const LINKS = /\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)/g;

/**
 * A page as it stands in an archive: its links lead to pages that come with it, and those to others become plain text.
 *
 * @param page where it is in the checkout
 * @param places where each page is in the archive, by where it is in the checkout
 */
export function moveLinks(text: string, page: string, places: ReadonlyMap<string, string>): string {
  const here = dirname(places.get(page) ?? page);
  const isBlock = (part: string) => part.startsWith('```');
  return text
    .split(BLOCKS)
    .map((part) => (isBlock(part) ? part : part.replace(LINKS, moveLink)))
    .join('');

  function moveLink(link: string, words: string, address: string): string {
    if (/^([a-z]+:|#)/.test(address)) return link;
    const [path = '', anchor] = address.split('#');
    const place = places.get(normalize(join(dirname(page), path)));
    if (place === undefined) return words;
    return `[${words}](${relative(here, place)}${anchor === undefined ? '' : `#${anchor}`})`;
  }
}
