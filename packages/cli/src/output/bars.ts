/** Bars for tables: lengths that can be compared at a glance. */
import type { Ink } from './style.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/**
 * A bar of at most `width` cells, to an eighth of a cell where the terminal can show that. What is not nothing
 * is never drawn as nothing.
 *
 * @param share from 0 to 1
 */
export function bar(share: number, width: number, ink: Ink): string {
  if (!(share > 0) || ink === 'none') return '';
  const length = Math.min(share, 1) * width;
  if (ink === 'ascii') return '#'.repeat(Math.max(1, Math.round(length)));
  const eighths = Math.max(1, Math.round(length * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}
