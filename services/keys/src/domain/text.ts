/** Rules for texts that people write. */
import { type LineRule, lineProblem, metadataProblem } from '@hokusai/contracts/fields';
import { redactKeys } from '@hokusai/key-format';
import type { JsonObject } from './key.ts';
import type { Violations } from './violations.ts';

export interface TextRule extends LineRule {
  path: string;
}

const HOLDS_KEY = 'contains an API key: keys are kept out of names and notes';

/** Checks one line of text; answers it without the spaces around it. */
export function checkLine(text: string, { path, ...rule }: TextRule, violations: Violations): string {
  const problem = lineProblem(text, rule) ?? (holdsKey(text) ? HOLDS_KEY : undefined);
  if (problem) violations.add(path, problem);
  return text.trim();
}

/** Checks the object that an owner keeps with a key. */
export function checkMetadata(metadata: JsonObject, violations: Violations): void {
  const problem = metadataProblem(metadata) ?? (holdsKey(JSON.stringify(metadata)) ? HOLDS_KEY : undefined);
  if (problem) violations.add('metadata', problem);
}

function holdsKey(text: string): boolean {
  return redactKeys(text) !== text;
}
