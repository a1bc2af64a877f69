/**
 * Expression constraints as SQL over one edition: one statement answers the whole expression. Concepts that the
 * expression names are looked up before (`idsIn`), so that the planner knows how large each set is.
 * What each construct means stands in fhir/terminology/ecl/evaluate.ts, which tests hold against this.
 */
import { unreachable } from "#platform/result.ts";
import type { Attribute, Cardinality, Comparison, ConceptFilter, DescriptionFilter, Expression, HierarchyOperator, MemberFilter, ModuleFilter, Ordering, Refinement, SearchTerm, TimeFilter, ActiveFilter } from "#fhir/terminology/ecl/ast.ts";
import { hasReverse } from "#fhir/terminology/ecl/evaluate.ts";
import { acceptable, movedFrom, preferred } from "#fhir/terminology/ecl/snomed.ts";
import { folded, wordsOf } from "#fhir/terminology/ecl/text.ts";
import { join, numbers, raw, sql, texts, type Sql } from "../sql.ts";
import { always, setOf, union, within, type Condition, type Key } from "./ecl-condition.ts";

/** A constraint that the tables cannot answer; the message names it. */
export class EclRefusal extends Error {}

/** Every concept id an expression names, to be looked up at once. */
export function idsIn(expression: unknown): Set<string> {
  const found = new Set<string>([movedFrom]);
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === "object" && value !== null) {
      if ("kind" in value && value.kind === "concept" && "id" in value && typeof value.id === "string") found.add(value.id);
      for (const one of Object.values(value)) walk(one);
    }
  };
  walk(expression);
  return found;
}

const concept: Key = ["c"];
const grouped: Key = ["c", "g"];
const nothing = raw("select 0 as c where false");

export class EclSql {
  readonly #edition: Sql;
  readonly #numberOf: (id: string) => number | undefined;

  /** `numberOf`: of the ids of `idsIn`; undefined where the edition has no such concept. */
  constructor(edition: number, numberOf: (id: string) => number | undefined) {
    this.#edition = raw(String(edition));
    this.#numberOf = numberOf;
  }

  /** A query of one column `c`; duplicates are possible. Throws EclRefusal. */
  set(expression: Expression): Sql {
    const edition = this.#edition;
    switch (expression.kind) {
      case "concept": {
        const number = this.#numberOf(expression.id);
        return number === undefined ? nothing : sql`select ${number}::int as c`;
      }
      case "alternate": throw new EclRefusal(`Alternate identifiers (${expression.scheme}#${expression.code}) are not loaded; name the concept by its SNOMED CT identifier`);
      case "any": return sql`select concept as c from terminology_concept where edition = ${edition}`;
      case "hierarchy": return this.#hierarchy(expression.operator, expression.of);
      case "members": return this.#members(expression);
      case "and": {
        const [first, ...rest] = expression.parts;
        return within(this.set(first!), { kind: "and", parts: rest.map((part) => this.#in(part)) }, concept);
      }
      case "or": return union(this.#alternatives(expression.parts));
      case "minus": return within(this.set(expression.left), { kind: "not-in", set: this.set(expression.right) }, concept);
      case "refined": {
        const condition = this.#refinement(expression.refinement);
        const all = expression.focus.kind === "any" ? setOf(condition, concept) : undefined;
        return all ?? within(this.set(expression.focus), condition, concept);
      }
      case "dotted": return sql`select r.target as c from terminology_relationship r where r.edition = ${edition} and r.target is not null and ${this.#named(expression.attribute)} and ${this.#among("r.source", expression.focus)}`;
      case "described": {
        const passing = sql`select d.concept as c from terminology_designation d where d.edition = ${edition} and ${this.#description(expression.filters)}`;
        return expression.of.kind === "any" ? passing : within(this.set(expression.of), { kind: "in", set: passing }, concept);
      }
      case "filtered": {
        const passing = sql`select k.concept as c from terminology_concept k where k.edition = ${edition} and ${join(expression.filters.map((one) => this.#concept(one)), " and ")}`;
        return expression.of.kind === "any" ? passing : within(this.set(expression.of), { kind: "in", set: passing }, concept);
      }
      case "history": return this.#history(expression.of, expression.associations);
      default: return unreachable(expression);
    }
  }

  #in(expression: Expression): Condition {
    return expression.kind === "any" ? always : { kind: "in", set: this.set(expression) };
  }

  /** Concepts named outright become one list, and the same operator over named concepts one range of the closure. */
  #alternatives(parts: readonly Expression[]): Sql[] {
    const named: number[] = [], rest: Expression[] = [];
    const under = new Map<HierarchyOperator, Expression[]>();
    for (const part of parts) {
      if (part.kind === "concept") named.push(...this.#numbers([part]));
      else if (part.kind === "hierarchy" && part.of.kind === "concept") under.set(part.operator, [...(under.get(part.operator) ?? []), part.of]);
      else rest.push(part);
    }
    const sets = rest.map((part) => this.set(part));
    if (named.length > 0 || (rest.length === 0 && under.size === 0)) sets.push(sql`select unnest(${numbers(named)}::int[]) as c`);
    for (const [operator, concepts] of under) {
      if (operator === "top" || operator === "bottom") sets.push(...concepts.map((one) => this.set(one)));
      else sets.push(this.#hierarchy(operator, concepts.length === 1 ? concepts[0]! : { kind: "or", parts: concepts }));
    }
    return sets;
  }

  #numbers(concepts: readonly (Expression & { kind: "concept" })[]): number[] {
    return concepts.flatMap(({ id }) => this.#numberOf(id) ?? []);
  }

  /** Numbers of concepts all named outright; undefined for any other set. */
  #outright(expression: Expression): number[] | undefined {
    if (expression.kind === "concept") return this.#numbers([expression]);
    if (expression.kind !== "or") return undefined;
    const parts = expression.parts.map((part) => this.#outright(part));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }

  /** Is the column one of the set? */
  #among(column: string, expression: Expression): Sql {
    if (expression.kind === "any") return raw("true");
    const named = this.#outright(expression);
    if (named?.length === 1) return sql`${raw(column)} = ${named[0]!}::int`;
    return named === undefined ? sql`${raw(column)} in (${this.set(expression)})` : sql`${raw(column)} = any(${numbers(named)}::int[])`;
  }

  #hierarchy(operator: HierarchyOperator, of: Expression): Sql {
    const edition = this.#edition;
    const all = of.kind === "any";
    const step = (to: string, from: string): Sql => sql`select p.${raw(to)} as c from terminology_parent p where p.edition = ${edition} and ${this.#among(`p.${from}`, of)}`;
    const reach = (to: string, from: string): Sql => sql`select t.${raw(to)} as c from terminology_closure t where t.edition = ${edition} and ${this.#among(`t.${from}`, of)}`;
    switch (operator) {
      case "descendantOrSelfOf": return all ? this.set(of) : reach("descendant", "ancestor");
      case "ancestorOrSelfOf": return all ? this.set(of) : reach("ancestor", "descendant");
      case "descendantOf": return all ? step("child", "parent") : sql`${reach("descendant", "ancestor")} and t.descendant <> t.ancestor`;
      case "ancestorOf": return all ? step("parent", "child") : sql`${reach("ancestor", "descendant")} and t.descendant <> t.ancestor`;
      case "childOf": return step("child", "parent");
      case "parentOf": return step("parent", "child");
      case "childOrSelfOf": case "parentOrSelfOf": {
        const [to, from] = operator === "childOrSelfOf" ? ["child", "parent"] : ["parent", "child"];
        // The set is written once: nested operators would double the statement on every level.
        return sql`with s as materialized (${this.set(of)}) select c from s union all select p.${raw(to!)} as c from terminology_parent p where p.edition = ${edition} and p.${raw(from!)} in (select c from s)`;
      }
      case "top": case "bottom": {
        const [own, other] = operator === "top" ? ["descendant", "ancestor"] : ["ancestor", "descendant"];
        return sql`with s as materialized (${this.set(of)}) select s.c from s where not exists (select 1 from terminology_closure t where t.edition = ${edition} and t.${raw(own!)} = s.c and t.${raw(other!)} <> s.c and t.${raw(other!)} in (select c from s))`;
      }
      default: return unreachable(operator);
    }
  }

  #members({ of, field, filters }: Expression & { kind: "members" }): Sql {
    const conditions = filters.map((one) => (one.kind === "field" ? this.#field(one) : this.#component(one, "m")));
    if (!filters.some(({ kind }) => kind === "active")) conditions.push(raw("not m.inactive"));
    const where = sql`m.edition = ${this.#edition} and ${this.#among("m.refset", of)} and ${join(conditions, " and ")}`;
    switch (field) {
      case "referencedComponentId": return sql`select m.component as c from terminology_member m where ${where}`;
      case "targetComponentId": return sql`select m.target as c from terminology_member m where m.target is not null and ${where}`;
      default: return sql`select k.concept as c from terminology_member m join terminology_concept k on k.edition = ${this.#edition} and k.code = m.fields->>${field} where ${where}`;
    }
  }

  #field({ name, comparison }: Extract<MemberFilter, { kind: "field" }>): Sql {
    if (name === "referencedComponentId" && comparison.kind === "concepts") return is(this.#among("m.component", comparison.of), comparison.equal);
    const value = sql`(m.fields->>${name})`;
    switch (comparison.kind) {
      case "concepts": return is(this.#isId(value, comparison.of), comparison.equal);
      case "number": return sql`case when ${value} ~ '^[+-]?[0-9]+([.][0-9]+)?$' then ${value}::numeric ${raw(comparison.operator === "!=" ? "<>" : comparison.operator)} ${comparison.value}::text::numeric else false end`;
      case "boolean": return is(sql`${value} in ('1', 'true')`, comparison.value === comparison.equal);
      case "text": return is(join(comparison.terms.map((term) => concreteText(value, term)), " or "), comparison.equal);
      case "time": return times(value, comparison);
      default: return unreachable(comparison);
    }
  }

  #history(of: Expression, associations: Expression): Sql {
    const edition = this.#edition;
    const moved = this.#numberOf(movedFrom) ?? -1;
    const refsets = this.#among("m.refset", associations);
    return sql`with h as materialized (${this.set(of)}) select c from h
      union all select m.component as c from terminology_member m join terminology_concept k on k.edition = ${edition} and k.concept = m.component and k.inactive
        where m.edition = ${edition} and ${refsets} and m.refset <> ${moved}::int and not m.inactive and m.target in (select c from h)
      union all select m.target as c from terminology_member m join terminology_concept k on k.edition = ${edition} and k.concept = m.target and k.inactive
        where m.edition = ${edition} and ${refsets} and m.refset = ${moved}::int and not m.inactive and m.component in (select c from h)`;
  }

  #named(name: Expression): Sql {
    return this.#among("r.attribute", name);
  }

  /** `isGrouped`: the key is a concept and one of its groups. */
  #refinement(refinement: Refinement, isGrouped = false): Condition {
    switch (refinement.kind) {
      case "and": case "or": return { kind: refinement.kind, parts: refinement.parts.map((part) => this.#refinement(part, isGrouped)) };
      case "group": {
        if (hasReverse(refinement.of)) throw new EclRefusal("A reversed attribute within a group cannot be answered: groups are the source's, and the source is another concept");
        const condition = this.#refinement(refinement.of, true);
        const groups = setOf(condition, grouped) ?? within(sql`select distinct r.source as c, r.grp as g from terminology_relationship r where r.edition = ${this.#edition} and r.grp > 0`, condition, grouped);
        return counted(refinement.cardinality, sql`select c from (${groups}) x`, (count) => sql`select c from (${groups}) x group by c having ${count("distinct g")}`);
      }
      case "attribute": return this.#attribute(refinement, isGrouped);
      default: return unreachable(refinement);
    }
  }

  #attribute({ cardinality, reverse, name, comparison }: Attribute, isGrouped: boolean): Condition {
    const rows = (value: Sql): Sql => sql`from terminology_relationship r where r.edition = ${this.#edition} and ${this.#named(name)} and ${value}`;
    if (reverse) {
      const { equal, of } = comparison as Comparison & { kind: "concepts" };
      const source = of.kind === "any" ? raw(String(equal)) : equal ? this.#among("r.source", of) : sql`not (${this.#among("r.source", of)})`;
      const from = rows(sql`r.target is not null and ${source}`);
      return counted(cardinality, sql`select r.target as c ${from}`, (count) => sql`select r.target as c ${from} group by r.target having ${count("distinct r.source")}`);
    }
    const from = rows(sql`${this.#value(comparison)}${raw(isGrouped ? " and r.grp > 0" : "")}`);
    const columns = raw(isGrouped ? "r.source as c, r.grp as g" : "r.source as c");
    return counted(cardinality, sql`select ${columns} ${from}`, (count) => sql`select ${columns} ${from} group by ${raw(isGrouped ? "r.source, r.grp" : "r.source")} having ${count("*")}`);
  }

  #value(comparison: Comparison): Sql {
    switch (comparison.kind) {
      case "concepts": {
        if (comparison.of.kind === "any") return raw(comparison.equal ? "r.target is not null" : "false");
        if (comparison.equal) return sql`r.target is not null and ${this.#among("r.target", comparison.of)}`;
        return sql`r.target is not null and ${this.#notAmong("r.target", comparison.of)}`;
      }
      case "number": return sql`r.number ${raw(comparison.operator === "!=" ? "<>" : comparison.operator)} ${comparison.value}::text::numeric`;
      case "boolean": return is(raw("r.truth"), comparison.value === comparison.equal);
      case "text": return sql`r.text is not null and ${is(join(comparison.terms.map((one) => concreteText(raw("r.text"), one)), " or "), comparison.equal)}`;
      default: return unreachable(comparison);
    }
  }

  #notAmong(column: string, expression: Expression): Sql {
    const named = this.#outright(expression);
    return named === undefined ? sql`not exists (select 1 from (${this.set(expression)}) n where n.c = ${raw(column)})` : sql`${raw(column)} <> all(${numbers(named)}::int[])`;
  }

  #description(filters: readonly DescriptionFilter[]): Sql {
    const conditions = filters.map((one): Sql => {
      switch (one.kind) {
        case "term": return is(join(one.terms.map(term), " or "), one.equal);
        case "language": return is(sql`lower(d.language) = any(${texts(one.codes)}::text[])`, one.equal);
        case "id": return is(sql`d.id = any(${texts(one.ids)}::text[])`, one.equal);
        case "type": return is(this.#isId(raw("d.type"), one.types), one.equal);
        case "dialect": {
          const dialects = one.dialects.map(({ refsets, acceptability }) => {
            const ids = this.#idArray(refsets);
            const lists = (["preferred", "acceptable"] as const).filter((list) => acceptability?.includes(list === "preferred" ? preferred : acceptable) ?? true);
            return lists.length === 0 ? raw("false") : join(lists.map((list) => sql`coalesce(d.${raw(list)} && ${ids}, false)`), " or ");
          });
          return is(join(dialects, " or "), one.equal);
        }
        default: return this.#component(one, "d");
      }
    });
    if (!filters.some(({ kind }) => kind === "active")) conditions.push(raw("not d.inactive"));
    return join(conditions, " and ");
  }

  #concept(one: ConceptFilter): Sql {
    return one.kind === "definitionStatus" ? is(this.#isId(raw("coalesce(k.definition_status, '')"), one.statuses), one.equal) : this.#component(one, "k");
  }

  #component(one: ModuleFilter | TimeFilter | ActiveFilter, table: string): Sql {
    switch (one.kind) {
      case "active": return raw(`${one.value ? "not " : ""}${table}.inactive`);
      case "module": return is(this.#isId(raw(`coalesce(${table}.module, '')`), one.modules), one.equal);
      case "effectiveTime": return times(raw(`coalesce(${table}.effective, '')`), one);
      default: return unreachable(one);
    }
  }

  /** Is the text the id of one of the set? Ids named outright need not be concepts of the edition. */
  #isId(value: Sql, expression: Expression): Sql {
    const ids = outrightIds(expression);
    return ids === undefined ? sql`${value} in (${this.#codes(expression)})` : sql`${value} = any(${texts(ids)}::text[])`;
  }

  #idArray(expression: Expression): Sql {
    const ids = outrightIds(expression);
    return ids === undefined ? sql`array(${this.#codes(expression)})` : sql`${texts(ids)}::text[]`;
  }

  #codes(expression: Expression): Sql {
    return sql`select k.code from terminology_concept k where k.edition = ${this.#edition} and ${this.#among("k.concept", expression)}`;
  }
}

/** Said as a plain condition, so that an index can answer it. */
function is(condition: Sql, wanted: boolean): Sql {
  return sql`${raw(wanted ? "(" : "not (")}${condition}${raw(")")}`;
}

function outrightIds(expression: Expression): string[] | undefined {
  if (expression.kind === "concept") return [expression.id];
  if (expression.kind !== "or") return undefined;
  const parts = expression.parts.map(outrightIds);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** `some`: whoever has one row or more; `having`: whoever has a count of them. None at all is told by exclusion. */
function counted({ min, max }: Cardinality, some: Sql, having: (count: (what: string) => Sql) => Sql): Condition {
  if (min === 0) {
    if (max === undefined) return always;
    return { kind: "not-in", set: max === 0 ? some : having((what) => raw(`count(${what}) > ${max}`)) };
  }
  if (min === 1 && max === undefined) return { kind: "in", set: some };
  return { kind: "in", set: having((what) => raw(`count(${what}) ${max === undefined ? `>= ${min}` : `between ${min} and ${max}`}`)) };
}

function term(searched: SearchTerm): Sql {
  switch (searched.kind) {
    case "match": {
      const words = searched.words.flatMap((word) => wordsOf(folded(word)));
      return words.length === 0 ? raw("true") : sql`d.words @@ ${words.map((word) => `'${word.slice(0, 200)}':*`).join(" & ")}::tsquery`;
    }
    case "wild": return sql`d.folded like ${likePattern(searched.pieces.map(folded))}`;
    case "exact": return sql`d.term = ${searched.text}`;
    default: return unreachable(searched);
  }
}

/** Of a concrete value or a field, which are not kept folded. */
function concreteText(value: Sql, searched: SearchTerm): Sql {
  switch (searched.kind) {
    case "exact": return sql`${value} = ${searched.text}`;
    case "wild": return sql`lower(${value}) like ${likePattern(searched.pieces.map((piece) => piece.toLowerCase()))}`;
    case "match": throw new EclRefusal("match: searches descriptions; a concrete value or a field of a reference set is compared whole, or with wild:");
    default: return unreachable(searched);
  }
}

function likePattern(pieces: readonly string[]): string {
  return pieces.map((piece) => piece.replaceAll(/[\\%_]/g, "\\$&")).join("%");
}

function times(value: Sql, { operator, values }: { operator: Ordering; values: readonly string[] }): Sql {
  if (operator === "=") return sql`${value} = any(${texts(values)}::text[])`;
  if (operator === "!=") return sql`${value} <> all(${texts(values)}::text[])`;
  return sql`(${value} <> '' and ${value} collate "C" ${raw(operator)} any(${texts(values.filter((one) => one !== ""))}::text[]))`;
}
