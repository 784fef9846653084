/** What programs without types get wrong, refused where it is given: further on it would be a riddle. */
import { InvalidRequestError } from '../errors/errors.ts';

/** @param subject begins the error's sentence; singular */
export function checkText(value: unknown, subject: string): string {
  if (typeof value === 'string') return value;
  throw new InvalidRequestError(`${subject} is ${describe(value)}: it has to be text.`);
}

/** @param subject begins the error's sentence; plural */
export function checkObject(value: unknown, subject: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new InvalidRequestError(`${subject} are ${describe(value)}: they have to be an object.`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
