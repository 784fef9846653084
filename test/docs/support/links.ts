/** Links of a page, and the places in it that others can point to. */

/** Lines of blocks taken out: what they hold is no link and no title. */
function withoutBlocks(text: string): string {
  return text
    .replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ' '));
}

/** Where the links of a page go to that stay inside of the checkout. */
export function linksOf(text: string): string[] {
  const links = [...withoutBlocks(text).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  return links.map(([, target = '']) => target).filter((target) => !/^[a-z]+:/i.test(target));
}

/** Anchors by which titles can be reached, as GitHub forms them: a repeated one is numbered. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const titles = text.replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm);
  for (const [, title = ''] of titles) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
