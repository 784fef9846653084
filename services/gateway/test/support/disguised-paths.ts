import fc from 'fast-check';

const PIECES = [';', ';x', '%3b', '/', '//', '%2F', '/x', '%2e', '..', '%20', 'é', '%C3%A9', '%25', '%252F'];

/** The path with one to three of its characters escaped, or with pieces set in that servers read differently. */
export function disguised(path: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: path.length });
  const change = fc.oneof(
    place.map((at) => (text: string) => text.slice(0, at) + escaped(text.charAt(at)) + text.slice(at + 1)),
    fc.tuple(place, fc.constantFrom(...PIECES)).map(
      ([at, piece]) =>
        (text: string) =>
          text.slice(0, at) + piece + text.slice(at),
    ),
    fc.constant((text: string) => `${text}/`),
    fc.constant((text: string) => text),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return changes.map((all) => all.reduce((text, each) => each(text), path));
}

function escaped(character: string): string {
  return character === '' ? '' : `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
