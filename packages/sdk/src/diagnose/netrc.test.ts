import assert from 'node:assert/strict';
import { netrcEntry } from './netrc.ts';

const ada = { login: 'ada', password: 'p' };

describe('netrcEntry', () => {
  const cases: [what: string, text: string, expected: typeof ada | null][] = [
    ['an entry on one line', 'machine h login ada password p', ada],
    [
      'an entry on several lines',
      'machine other login x password y\nmachine h\n\tlogin ada\n\tpassword p\n',
      ada,
    ],
    ['an entry with an account', 'machine h login ada account a password p', ada],
    ['the default entry', 'machine other login x password y\ndefault login ada password p', ada],
    [
      'its own entry rather than the default one',
      'default login x password y\nmachine h login ada password p',
      ada,
    ],
    ['the last of several', 'machine h login x password y\nmachine h login ada password p', ada],
    ['quoted words', 'machine h login "ada" password "p"', ada],
    [
      'an entry after a macro',
      'macdef init\nmachine h login x password y\n\nmachine h login ada password p',
      ada,
    ],
    ['an entry after a comment', '# machine h login x password y\nmachine h login ada password p', ada],
    ['nothing for other hosts', 'machine other login x password y', null],
    ['nothing in a comment', '# machine h login x password y', null],
    ['nothing in an empty file', '', null],
    ['nothing in what is no such file', 'h:ada:p\n\u0000', null],
  ];
  for (const [what, text, expected] of cases) {
    it(`finds ${what}`, () => assert.deepEqual(netrcEntry(text, 'h'), expected));
  }
});
