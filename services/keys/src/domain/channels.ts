/** Channels of LISTEN/NOTIFY. A notification carries nothing: it wakes whoever reads the table. */

/** Something was written to `key_changes`. */
export const KEY_CHANGES_CHANNEL = 'hokusai_key_changes';
/** Something was written to `outbox`. */
export const OUTBOX_CHANNEL = 'hokusai_outbox';
/** A gateway has applied a change, or has left. */
export const GATEWAYS_CHANNEL = 'hokusai_gateways';
