/**
 * Tables of the record; what each column is for stands in docs/record.md. Identifiers of rows are hashes of
 * "Type/id" (`rid`) placed in the bucket of a person (`ck`); nothing here uses what Citus refuses.
 */
export const name = "0001-record";

export const statements: readonly string[] = [
  `create table resource (
     ck bigint not null, rid bigint not null, type text collate "C" not null, id text collate "C" not null,
     version int not null, updated bigint not null, deleted boolean not null default false,
     persons bigint[] not null, content text not null,
     primary key (ck, rid))`,
  `create index resource_updated on resource (type, updated, rid)`,
  `create table version (
     ck bigint not null, rid bigint not null, version int not null, type text collate "C" not null, id text collate "C" not null,
     updated bigint not null, deleted boolean not null, persons bigint[] not null, content text not null,
     primary key (ck, rid, version))`,
  `create index version_updated on version (type, updated, rid, version)`,
  `create table directory (rid bigint primary key, ck bigint not null)`,
  `create table stray (person bigint not null, ck bigint not null, primary key (person, ck))`,

  `create table token (ck bigint not null, rid bigint not null, at bigint not null, code bigint not null, system int not null, param int not null, plain text collate "C", text text collate "C")`,
  `create index token_person on token (ck, code, at, rid, system)`,
  `create index token_code on token (code, at, rid, system, ck)`,
  `create table reference (ck bigint not null, rid bigint not null, at bigint not null, target bigint not null, param int not null, place bigint, tag bigint not null)`,
  `create index reference_row on reference (ck, rid, param, target)`,
  `create index reference_target on reference (target, param, at, rid, ck)`,
  `create table date (ck bigint not null, rid bigint not null, low bigint not null, high bigint not null, param int not null)`,
  `create index date_row on date (ck, rid, param)`,
  `create index date_value on date (param, low, high, rid, ck)`,
  `create table string (ck bigint not null, rid bigint not null, param int not null, value text collate "C" not null, exact text collate "C" not null)`,
  `create index string_row on string (ck, rid, param)`,
  `create index string_value on string (param, left(value, 100), rid, ck)`,
  `create table number (ck bigint not null, rid bigint not null, low float8 not null, high float8 not null, param int not null)`,
  `create index number_row on number (ck, rid, param)`,
  `create index number_value on number (param, low, rid, ck)`,
  `create table quantity (ck bigint not null, rid bigint not null, low float8 not null, high float8 not null, code bigint not null,
     unit bigint not null, system int not null, param int not null, base bigint not null, base_low float8, base_high float8)`,
  `create index quantity_row on quantity (ck, rid, param)`,
  `create index quantity_value on quantity (param, low, rid, ck)`,
  `create table uri (ck bigint not null, rid bigint not null, param int not null, value text collate "C" not null)`,
  `create index uri_row on uri (ck, rid, param)`,
  `create index uri_value on uri (param, left(value, 200), rid, ck)`,
  `create table compartment (ck bigint not null, rid bigint not null, person bigint not null, primary key (ck, rid, person))`,
  `create index compartment_person on compartment (person, ck, rid) where person <> 0`,
  `create table care (ck bigint not null, rid bigint not null, practitioner bigint not null, person bigint not null, primary key (ck, rid, practitioner, person))`,
  `create index care_practitioner on care (practitioner, person)`,

  `create table leaf_pending (lid bigint generated always as identity primary key, mark bigint not null, version int not null, kind text not null, at bigint not null, salt uuid not null, payload text not null)`,
  `create table leaf (idx bigint primary key, mark bigint not null, version int not null, kind text not null, at bigint not null, salt uuid not null, payload text not null)`,
  `create index leaf_mark on leaf (mark, version)`,
  `create table tile (level int not null, idx bigint not null, hashes bytea not null, primary key (level, idx))`,
  `create table frontier (one int primary key check (one = 1), size bigint not null, edge bytea not null)`,
  `insert into frontier values (1, 0, '')`,
  `create table checkpoint (size bigint not null, at bigint not null, note text not null, primary key (size, at))`,
  `create table access (person bigint not null, at bigint not null, mark bigint not null, agent text not null, display text not null, kind text not null)`,
  `create index access_person on access (person, at desc)`,
  `create table change_pending (cid bigint generated always as identity primary key, at bigint not null, entries text not null)`,
  `create table change (pos bigint primary key, at bigint not null, entries text not null)`,
];

/** lz4 where this PostgreSQL was built with it: several times faster than pglz on the content of a resource. */
export const optional: readonly string[] = [
  `alter table resource alter column content set compression lz4`,
  `alter table version alter column content set compression lz4`,
];
