/** Where in the database's history something was read. */
export interface ReadPoint {
  /** Identity of that history: it differs after every restart, failover or restore. */
  epoch: string;
  /** `pg_snapshot_xmin`: everything committed by a transaction below it was visible. */
  cut: bigint;
  /** The database's clock when the reading statement began. */
  readAt: Date;
}
