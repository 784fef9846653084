/** How much is measured. */
export interface Extent {
  isQuick: boolean;
}
