/**
 * Leaves that were written together wait in one row, as columns of texts joined by U+001E (ledger/pack.ts); so a leaf costs
 * whoever waits for it a part of one row and of one index entry. The sequencer lays those of writes out in `leaf`, where
 * they are found by what they speak of, and moves those of requests as they are to `leaf_group`. `access` keeps who looked
 * at whom before. The sequencer alone hands out indexes, so the next one is the size of the tree.
 */
export const name = "0016-packs";

const texts = ["kinds", "ats", "salts", "payloads", "places", "agents", "displays"];
const columns = texts.map((column) => `${column} text not null`).join(", ");
/** A pack is read rarely: squeezing it costs more than its place. */
const plain = (table: string, named: readonly string[]): string[] => [`alter table ${table} set (toast_tuple_target = 8160)`, ...named.map((column) => `alter table ${table} alter column ${column} set storage external`)];

export const statements: readonly string[] = [
  // marks and versions: of writes, '' of requests. persons, places (from 1, in this pack), agents, displays: who looked at whom; each display stands after a separator.
  `create table leaf_pack (lid bigint generated always as identity primary key, count int not null, marks text not null, versions text not null, persons text not null, ${columns})`,
  `alter table leaf_pack set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)`,
  ...plain("leaf_pack", ["marks", "versions", "persons", ...texts]),
  `insert into leaf_pack (count, marks, versions, kinds, ats, salts, payloads, persons, places, agents, displays)
     select 1, mark, version, kind, at, replace(salt::text, '-', ''), payload, '', '', '', '' from leaf_pending order by lid`,
  `drop table leaf_pending`,
  `create view leaf_pending as select p.lid, u.mark::bigint as mark, u.version::int as version, u.kind, u.at::bigint as at, u.salt::uuid as salt, u.payload
     from leaf_pack p cross join lateral unnest(string_to_array(p.marks, chr(30)), string_to_array(p.versions, chr(30)), string_to_array(p.kinds, chr(30)), string_to_array(p.ats, chr(30)), string_to_array(p.salts, chr(30)), string_to_array(p.payloads, chr(30)))
       u(mark, version, kind, at, salt, payload)`,
  `drop table leaf_next`,
  // start: index of the first leaf.
  `create table leaf_group (start bigint primary key, count int not null, persons bigint[] not null, ${columns})`,
  ...plain("leaf_group", texts),
  `create index leaf_group_persons on leaf_group using gin (persons)`,
];
