/** How much is measured. */
export interface Extent {
  isQuick: boolean;
  /** As much as a nightly run has time for. */
  isFull: boolean;
}
