/** `~/.netrc`, which Python's `requests` reads for every request that brings no credentials of its own kind. */

export interface NetrcEntry {
  login: string;
  password: string;
}

interface Machine extends NetrcEntry {
  /** null: `default`, for all hosts without an entry. */
  host: string | null;
}

/** The entry for a host, or the default one; null if there is neither. What can't be read counts as absent. */
export function netrcEntry(text: string, host: string): NetrcEntry | null {
  const machines = machinesOf(text);
  // Of several for one host the last counts, as in Python's netrc.
  const own = machines.findLast((machine) => machine.host === host);
  const found = own ?? machines.findLast((machine) => machine.host === null);
  return found ? { login: found.login, password: found.password } : null;
}

function machinesOf(text: string): Machine[] {
  const words = wordsOf(text);
  const machines: Machine[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    const next = words[index + 1] ?? '';
    const current = machines.at(-1);
    if (word === 'default') machines.push({ host: null, login: '', password: '' });
    else if (word === 'machine') machines.push({ host: next, login: '', password: '' });
    else if ((word === 'login' || word === 'user') && current) current.login = next;
    else if (word === 'password' && current) current.password = next;
    if (word !== 'default') index += 1;
  }
  return machines;
}

/** Without comments and macros, which end at an empty line. */
function wordsOf(text: string): string[] {
  const withoutMacros = text.replace(/^[ \t]*macdef\b[\s\S]*?(?:\n[ \t]*\n|$(?![\s\S]))/gm, '\n');
  const lines = withoutMacros.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '$1'));
  const words = lines.join('\n').match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}
