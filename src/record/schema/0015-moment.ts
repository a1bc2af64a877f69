/**
 * Which transaction wrote a version, by the id of the node that coordinates it: pages of a search tell by it what stood
 * at their first moment (search/snapshot.ts, decision 0022). PostgreSQL's own xmin says so too, but not on Citus, where each
 * worker counts its own, and not of a row that was changed in place since.
 */
export const name = "0015-moment";

export const statements: readonly string[] = [
  // What is there already was written before any moment that is asked about. A constant default rewrites no table.
  `alter table resource add column xact xid8 not null default '0'`,
  `alter table version add column xact xid8 not null default '0'`,
];
