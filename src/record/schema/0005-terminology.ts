/**
 * Large code systems that the user loads. An edition is one version of one system; its concepts are numbered in the
 * order of the release, and everything else names them by number. An edition is listed in the transaction that writes
 * it, so a load that breaks off leaves nothing; rows of an edition that is not listed are nobody's and are swept.
 */
export const name = "0005-terminology";

export const statements: readonly string[] = [
  `create table terminology_edition (
    edition int primary key, system text not null, version text not null, form text not null,
    header jsonb not null, counts jsonb not null, loaded_at timestamptz not null, unique (system, version))`,
  // Of SNOMED CT: definition_status and module are identifiers, effective is YYYYMMDD or ''.
  `create table terminology_concept (
    edition int not null, concept int not null, code text not null, display text, definition text,
    inactive boolean not null, abstract boolean not null, definition_status text, module text, effective text,
    primary key (edition, concept))`,
  `create unique index terminology_concept_code on terminology_concept (edition, code)`,
  `create index terminology_concept_folded on terminology_concept (edition, lower(code))`,
  `create table terminology_parent (edition int not null, child int not null, parent int not null, primary key (edition, child, parent))`,
  `create index terminology_parent_down on terminology_parent (edition, parent, child)`,
  // Every concept is its own ancestor: "self or descendant" is one range of the key.
  `create table terminology_closure (edition int not null, ancestor int not null, descendant int not null, primary key (edition, ancestor, descendant))`,
  `create index terminology_closure_up on terminology_closure (edition, descendant, ancestor)`,
  // folded: as terms are compared; words: its words. preferred and acceptable: language reference sets.
  `create table terminology_designation (
    edition int not null, concept int not null, place int not null, id text, term text not null, folded text not null, words tsvector not null,
    language text, type text, inactive boolean not null, module text, effective text, preferred text[], acceptable text[],
    primary key (edition, concept, place))`,
  `create index terminology_designation_words on terminology_designation using gin (words)`,
  `create table terminology_relationship (
    edition int not null, source int not null, attribute int not null, grp int not null,
    target int, number numeric, text text, truth boolean)`,
  `create index terminology_relationship_source on terminology_relationship (edition, source)`,
  `create index terminology_relationship_value on terminology_relationship (edition, attribute, target)`,
  `create index terminology_relationship_target on terminology_relationship (edition, target) where target is not null`,
  // fields: what the reference set says beyond its member; target: its targetComponentId where that is a concept.
  `create table terminology_member (
    edition int not null, refset int not null, component int not null, inactive boolean not null, module text, effective text,
    target int, fields jsonb)`,
  `create index terminology_member_component on terminology_member (edition, refset, component)`,
  `create index terminology_member_target on terminology_member (edition, refset, target) where target is not null`,
  `create table terminology_property (edition int not null, concept int not null, property text not null, type text not null, value text not null)`,
  `create index terminology_property_concept on terminology_property (edition, concept)`,
  // Long texts are no keys.
  `create index terminology_property_value on terminology_property (edition, property, left(value, 100))`,
];
