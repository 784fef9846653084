import { join } from 'node:path';

/** One check: a Node script that exits with 0 exactly when the tree is as it should be. */
export interface Check {
  name: string;
  /** Script and its arguments, relative to the checkout. */
  args: readonly string[];
  /** Its last line is worth showing when it passes. */
  hasNote?: boolean;
}

const tool = (...path: string[]) => join('node_modules', ...path);
const biome = tool('@biomejs/biome/bin/biome');
const buf = tool('@bufbuild/buf/bin/buf');

/** The longest first: two run at a time. */
export const CHECKS: readonly Check[] = [
  { name: 'types', args: [tool('typescript-7/bin/tsc'), '-p', 'tsconfig.json'] },
  {
    name: 'style',
    args: [biome, 'check', '--error-on-warnings', '--max-diagnostics=200', '.'],
    hasNote: true,
  },
  { name: 'boundaries', args: ['scripts/check/boundaries.ts'], hasNote: true },
  { name: 'dead-code', args: [tool('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] },
  { name: 'proto-lint', args: [buf, 'lint'] },
  { name: 'proto-format', args: [buf, 'format', '--diff', '--exit-code'] },
  { name: 'proto-breaking', args: ['scripts/check/proto-breaking.ts'], hasNote: true },
  { name: 'released', args: ['scripts/check/released.ts'], hasNote: true },
  { name: 'generated', args: ['scripts/generate.ts', '--check'] },
  { name: 'variables', args: ['scripts/check/variables.ts'], hasNote: true },
  { name: 'lock-file', args: ['scripts/check/lock-file.ts'], hasNote: true },
];
