/**
 * Merges of two Patients, so that they can be undone; and purges: which leaves of the ledger were emptied by which one.
 * `entries`: JSON list of {type, id, before, after}, the versions a merge found and made.
 */
export const name = "0012-merge-purge";

export const statements: readonly string[] = [
  `create table merge (merge text primary key, source text collate "C" not null, target text collate "C" not null, at bigint not null, undone bigint, entries text not null)`,
  `create index merge_people on merge (source, target)`,
  `create table purge (purge text primary key, at bigint not null, count int not null, sha256 text not null)`,
  // mark and version: of the version whose leaf it was.
  `create table erased (idx bigint primary key, purge text not null, mark bigint not null, version int not null)`,
  `create index erased_mark on erased (mark, version)`,
  `create index leaf_purge on leaf (idx) where kind = 'purge'`,
];
