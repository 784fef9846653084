/** What is measured. */
import type { Extent } from '../lib/extent.ts';
import type { Results } from '../lib/results.ts';
import { measureAppending } from './append.ts';
import { measureQueries } from './queries.ts';
import { measureVerifying } from './verify.ts';

type Section = (extent: Extent, results: Results) => Promise<void>;

export type SectionName = 'append' | 'verify' | 'queries';

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  append: measureAppending,
  verify: measureVerifying,
  queries: measureQueries,
};
