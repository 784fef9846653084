/** What is measured. */
import type { Extent } from '../lib/extent.ts';
import type { Results } from '../lib/results.ts';
import { measureAppending } from './append.ts';

type Section = (extent: Extent, results: Results) => Promise<void>;

export type SectionName = 'append';

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  append: measureAppending,
};
