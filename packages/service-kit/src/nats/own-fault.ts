/** Tells a message that will never be stored from one that can't be stored now. */
import { HokusaiError } from '@hokusai/contracts';
import { z } from 'zod';

/** SQLSTATE classes of what the values in a statement cause: data exceptions, and constraints that they break. */
const CLASSES_OF_VALUES = new Set(['22', '23']);

/**
 * True for what a message causes by itself: no schema accepts it, its handler says `unprocessable`, or the
 * database can't hold its values. Everything else, known or not, may be over at a later attempt.
 */
export function isOwnFault(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  if (error instanceof HokusaiError) return error.code === 'unprocessable';
  const code = error instanceof Error && (error as { code?: unknown }).code;
  return typeof code === 'string' && code.length === 5 && CLASSES_OF_VALUES.has(code.slice(0, 2));
}
