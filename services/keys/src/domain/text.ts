/** Rules for texts that people write. */
import { type LineRule, lineProblem, metadataProblem } from '@hokusai/contracts/fields';
import type { JsonObject } from './key.ts';
import type { Violations } from './violations.ts';

export interface TextRule extends LineRule {
  path: string;
}

/** Checks one line of text; answers it without the spaces around it. */
export function checkLine(text: string, { path, ...rule }: TextRule, violations: Violations): string {
  const problem = lineProblem(text, rule);
  if (problem) violations.add(path, problem);
  return text.trim();
}

/** Checks the object that an owner keeps with a key. */
export function checkMetadata(metadata: JsonObject, violations: Violations): void {
  const problem = metadataProblem(metadata);
  if (problem) violations.add('metadata', problem);
}
