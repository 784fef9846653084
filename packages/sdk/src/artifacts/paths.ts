/** Which paths an artifact may have: relative, below the run's artifacts, and such that MLflow keeps them as they are. */
import { checkText } from '../api/given.ts';
import { InvalidRequestError } from '../errors/errors.ts';

/** Control characters and lone surrogates, which no URL holds, and what is a separator on some systems. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNSPEAKABLE = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/**
 * What MLflow changes or refuses: its server decodes a path, and takes it apart and puts it together as a URL, until it
 * stays the same (`validate_path_is_safe` in mlflow/utils/uri.py). So `a%41` would be stored as `aA` and `a?` as `a`.
 */
const CHANGED_BY_MLFLOW = /#|%[0-9A-Fa-f]{2}|[;?](?:\/|$)|;\?/;

/** The same of a folder at the top, whose name comes first in the URL that MLflow takes it for. */
const FOLDER_CHANGED_BY_MLFLOW = /^(?: |[A-Za-z][A-Za-z0-9+.-]*:)/;

/** The path, if it is one of an artifact; throws `InvalidRequestError`. */
export function checkPath(path: string): string {
  checkText(path, 'The path of an artifact');
  const refuse = refusalOf('path', path);
  if (path === '') refuse('it is empty');
  if (path.startsWith('/')) refuse('it begins with a slash: paths are relative to the artifacts of the run');
  if (UNSPEAKABLE.test(path)) refuse('it has a backslash, a control character or half a character');
  for (const name of path.split('/')) {
    if (name === '') refuse('it has a slash too many');
    if (name === '.' || name === '..') refuse(`it could lead out of the artifacts of the run by "${name}"`);
  }
  if (CHANGED_BY_MLFLOW.test(path))
    refuse(
      'MLflow does not keep names with "#", with "%" before two hexadecimal digits, or with ";" or "?" at their end',
    );
  return path;
}

/** The same for a folder, whose path may be empty: the topmost one. */
export function checkFolder(folder: string): string {
  checkText(folder, 'The folder of artifacts');
  if (folder === '') return folder;
  if (FOLDER_CHANGED_BY_MLFLOW.test(folder))
    refusalOf('folder', folder)('MLflow does not find what begins with a space, or as a URL does (`name:`)');
  return checkPath(folder);
}

/** The path to upload to: MLflow has to find again the folders in which it is. */
export function checkNewPath(path: string): string {
  checkText(path, 'The path of an artifact');
  checkFolder(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return checkPath(path);
}

/** What a server lists in a folder has to be right in it. */
export function checkListed(folder: string, path: string): string {
  const name = path.slice(folder === '' ? 0 : folder.length + 1);
  const isInFolder = path === joinPath(folder, name) && !/[/\\\0]/.test(name);
  if (!isInFolder || name === '' || name === '.' || name === '..')
    throw new InvalidRequestError(
      `The server lists ${JSON.stringify(path)} in ${describe(folder)}, which is not in it: nothing of it is taken.`,
    );
  return path;
}

export function joinPath(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** As part of a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

export function describe(folder: string): string {
  return folder === '' ? 'the topmost folder' : `the folder ${JSON.stringify(folder)}`;
}

function refusalOf(kind: string, path: string): (why: string) => never {
  return (why) => {
    throw new InvalidRequestError(`The ${kind} ${JSON.stringify(path)} can't be one of an artifact: ${why}.`);
  };
}
