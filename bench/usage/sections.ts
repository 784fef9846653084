/** What is measured. */
import type { Results } from '../lib/results.ts';
import { measureIngest } from './ingest.ts';
import { measureQueries } from './queries.ts';

export interface Extent {
  isQuick: boolean;
  /** As much as a nightly run has time for. */
  isFull: boolean;
}

type Section = (extent: Extent, results: Results) => Promise<void>;

export type SectionName = 'ingest' | 'queries';

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  ingest: measureIngest,
  queries: measureQueries,
};
