/** What is measured. */

import type { Extent } from '../lib/extent.ts';
import type { Results } from '../lib/results.ts';
import { measureIngest } from './ingest.ts';
import { measureQueries } from './queries.ts';

type Section = (extent: Extent, results: Results) => Promise<void>;

export type SectionName = 'ingest' | 'queries';

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  ingest: measureIngest,
  queries: measureQueries,
};
