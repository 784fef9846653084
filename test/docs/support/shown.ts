/** What a page shows of a session in a shell, and whether it comes. */

/**
 * The command lines of a `console` block, and the lines that it shows after them. A command goes on in the next
 * line behind a `\`, inside of quotes, and until the end of a here-document.
 */
export function sessionOf(text: string): { script: string; shown: string[] } {
  const script: string[] = [];
  const shown: string[] = [];
  let command = '';
  for (const line of text.trimEnd().split('\n')) {
    if (command === '' && !line.startsWith('$ ')) {
      shown.push(line);
      continue;
    }
    command += command === '' ? line.slice(2) : `\n${line}`;
    if (isOpen(command)) continue;
    script.push(command);
    command = '';
  }
  return { script: [...script, command].join('\n').trimEnd(), shown };
}

function isOpen(command: string): boolean {
  const hereDocument = /<<-?\s*['"]?(\w+)['"]?/.exec(command)?.[1];
  if (hereDocument !== undefined) return !new RegExp(`\\n\\s*${hereDocument}\\s*$`).test(command);
  // What is left without comments and texts that are closed.
  const rest = command.replace(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|(?<=^|\s)#[^\n]*/g, '');
  return command.endsWith('\\') || /['"]/.test(rest);
}

/** Whether a line is as the page shows it, however wide its columns are; `…` stands for anything. */
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
