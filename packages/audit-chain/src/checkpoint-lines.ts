/**
 * Checkpoints outside of the database: a line of JSON each, the signed statement with its `signature` beside the
 * other fields.
 */
import { z } from 'zod';
import { CHECKPOINT_TYPE, CHECKPOINT_VERSION, type Checkpoint } from './checkpoint.ts';
import { checkpointJsonOf, checkpointJsonSchema, checkpointOfJson } from './export/records.ts';

const keptCheckpointSchema = checkpointJsonSchema.extend({
  type: z.literal(CHECKPOINT_TYPE),
  version: z.literal(CHECKPOINT_VERSION),
});

/** One line, without its break. */
export function checkpointLineOf(checkpoint: Checkpoint): string {
  return JSON.stringify({
    type: CHECKPOINT_TYPE,
    version: CHECKPOINT_VERSION,
    ...checkpointJsonOf(checkpoint),
  });
}

/** undefined if the line is no checkpoint. */
export function parseCheckpointLine(line: string): Checkpoint | undefined {
  try {
    return checkpointOfJson(keptCheckpointSchema.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
