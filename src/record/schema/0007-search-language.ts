/**
 * Rows for the whole search language: elements of composites, positions, words. What is stored already gets them in the
 * background (reindex/form.ts): `row_form` says of which form all rows are.
 */
export const name = "0007-search-language";

export const statements: readonly string[] = [
  // One row a component and element; columns as in the table of the component's type.
  `create table element (ck bigint not null, rid bigint not null, element int not null, param int not null,
     code bigint, system int, unit bigint, low float8, high float8, base bigint, base_low float8, base_high float8,
     target bigint, tag bigint, value text collate "C", exact text collate "C")`,
  `create index element_row on element (ck, rid, param)`,
  `create index element_code on element (code, rid, ck, element)`,
  `create table position (ck bigint not null, rid bigint not null, latitude float8 not null, longitude float8 not null)`,
  `create index position_row on position (ck, rid)`,
  `create index position_value on position (latitude, longitude, rid, ck)`,
  `create table words (ck bigint not null, rid bigint not null, param int not null, narrative tsvector, content tsvector not null)`,
  // param: one a type, so that words lead to resources of the type asked for.
  `create index words_row on words (ck, rid)`,
  `create index words_narrative on words using gin (narrative)`,
  `create index words_content on words using gin (content)`,
  `create table row_form (one int primary key check (one = 1), form int not null)`,
  // Rows of an empty record are of the newest form from the start.
  `insert into row_form select 1, case when exists (select from resource) then 1 else 2 end`,
];
