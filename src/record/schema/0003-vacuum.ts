/**
 * Rows pass through the waiting tables and are gone: their dead versions are cleared early, so that the sequencer never
 * wades through them. Tables that only grow need no such thing.
 */
export const name = "0003-vacuum";

const early = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0";

export const statements: readonly string[] = [
  `alter table leaf_pending set (${early})`,
  `alter table change_pending set (${early})`,
  `alter table frontier set (fillfactor = 10)`,
];
