import {
  ENVIRONMENTS,
  type Environment,
  KEY_LENGTH,
  MARKER_LENGTH,
  markerOf,
  PREFIX_LENGTH,
  TAG_LENGTH,
} from './shape.ts';

/** The parts of a well-formed key. Its tag has not been checked: see `checkTag`. */
export interface ParsedKey {
  readonly problem?: undefined;
  readonly environment: Environment;
  /** The public first 20 characters, by which the key is looked up and shown. */
  readonly prefix: string;
  /** The last six characters. */
  readonly tag: string;
}

/** Why a text is no key. `message` is a sentence for whoever sent it and never repeats any of it. */
export interface KeyFormatProblem {
  readonly problem: 'empty' | 'surroundings' | 'marker' | 'length' | 'alphabet';
  readonly message: string;
}

const SURROUNDED = /^[\s"'<]|[\s"'>]$/;
const OUTSIDE_ALPHABET = /[^0-9A-Za-z]/;

/** Reads a key. Never throws, whatever the string. */
export function parseKey(text: string): ParsedKey | KeyFormatProblem {
  const environment = ENVIRONMENTS.find((name) => text.startsWith(markerOf(name)));
  if (environment === undefined) return withoutMarker(text);
  if (text.length !== KEY_LENGTH) return wrongLength(text);
  const misfit = text.slice(MARKER_LENGTH).search(OUTSIDE_ALPHABET);
  if (misfit >= 0) {
    return problem(
      'alphabet',
      `character ${MARKER_LENGTH + misfit + 1} is none of 0-9, A-Z and a-z: was the key mistyped?`,
    );
  }
  return { environment, prefix: text.slice(0, PREFIX_LENGTH), tag: text.slice(-TAG_LENGTH) };
}

function withoutMarker(text: string): KeyFormatProblem {
  if (text === '') return problem('empty', 'the key is empty');
  if (SURROUNDED.test(text)) return surrounded();
  return problem(
    'marker',
    'a key starts with hk_live_ or hk_test_, this text does not: is it another kind of token?',
  );
}

function wrongLength(text: string): KeyFormatProblem {
  if (SURROUNDED.test(text)) return surrounded();
  const hint = text.length < KEY_LENGTH ? 'was the key cut off?' : 'was something appended to the key?';
  return problem('length', `a key has ${KEY_LENGTH} characters, this text has ${text.length}: ${hint}`);
}

function surrounded(): KeyFormatProblem {
  return problem('surroundings', 'there are spaces, quotes or brackets around the key: send the bare key');
}

function problem(kind: KeyFormatProblem['problem'], message: string): KeyFormatProblem {
  return { problem: kind, message };
}
