/**
 * Search parameters that SearchParameter resources define, and how far their index rows are (parameters/, reindex/).
 * On Citus these stay on the coordinator.
 */
export const name = "0011-parameters";

export const statements: readonly string[] = [
  // Counts up whenever what is indexed, or what may be searched, changes. Every writing transaction looks at it.
  `create table parameter_epoch (one int primary key check (one = 1), epoch bigint not null) with (fillfactor = 10)`,
  `insert into parameter_epoch values (1, 1)`,
  // id: of the SearchParameter. pairs: JSON [[type, code], …] of which rows may be there. mark: of the build under way; a write of the resource clears it.
  `create table parameter_index (id text collate "C" primary key, pairs text not null, ready boolean not null, mark bigint not null)`,
  // How far a walk over all resources has come, so that another process can go on from there. scope: what the walk does.
  `create table reindex_place (scope text collate "C" primary key, type text not null, updated bigint not null, rid bigint not null, done bigint not null)`,
];
