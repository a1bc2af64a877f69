/**
 * Filters of ValueSet.compose as SQL over one edition.
 * https://hl7.org/fhir/R4/valueset.html#compositions; properties of SNOMED CT: https://terminology.hl7.org/SNOMEDCT.html,
 * of LOINC: https://terminology.hl7.org/LOINC.html
 */
import { RegexFault, regexOf } from "#fhir/fhirpath/regex/regex.ts";
import { parseEcl } from "#fhir/terminology/ecl/parse.ts";
import { defined, snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import { folded, wordsOf } from "#fhir/terminology/ecl/text.ts";
import type { ConceptFilter } from "#fhir/terminology/provider.ts";
import { join, raw, sql, texts, type Sql } from "../sql.ts";
import type { Edition } from "./edition.ts";
import { union } from "./ecl-condition.ts";
import { EclRefusal, EclSql, idsIn } from "./ecl-sql.ts";
import { displayType } from "./write.ts";

const hierarchical = new Set(["is-a", "descendent-of", "is-not-a", "generalizes", "child-of", "descendent-leaf"]);
const ofConcept = new Set(["concept", "code"]);
const constraint = new Set(["constraint", "expression"]);
/** Columns of the concept itself, as properties. */
const ownProperties: Readonly<Record<string, Sql>> = {
  display: raw("k.display"), definition: raw("k.definition"), inactive: raw("k.inactive::text"), notSelectable: raw("k.abstract::text"), abstract: raw("k.abstract::text"),
  sufficientlyDefined: raw(`(k.definition_status = '${defined}')::text`), moduleId: raw("k.module"), effectiveTime: raw("k.effective"),
};
/** Hierarchy as properties: `parent = X` is whoever has X as parent. */
const kinship: Readonly<Record<string, { table: string; own: string; other: string }>> = {
  parent: { table: "parent", own: "child", other: "parent" }, child: { table: "parent", own: "parent", other: "child" },
  ancestor: { table: "closure", own: "descendant", other: "ancestor" }, descendant: { table: "closure", own: "ancestor", other: "descendant" },
};

/** Undefined when the filter can be answered. */
export function filterFault({ property, op, value }: ConceptFilter, { system, header }: Edition): string | undefined {
  const isSnomed = system === snomedSystem;
  if (isSnomed && constraint.has(property)) {
    if (op !== "=") return `"${property}" of SNOMED CT goes with "=" and an expression constraint, not with "${op}"`;
    const expression = parseEcl(value);
    if (!expression.ok) return expression.failure.text;
    try {
      new EclSql(0, () => 0).set(expression.value);
    } catch (error) {
      if (error instanceof EclRefusal) return error.message;
      throw error;
    }
    return undefined;
  }
  if (hierarchical.has(op)) return ofConcept.has(property) ? undefined : `"${op}" goes with the property "concept", not with "${property}"`;
  if (op === "exists" && value !== "true" && value !== "false") return `"exists" is compared with true or false, not with "${value}"`;
  if (op === "regex") try {
    regexOf(value);
  } catch (fault) {
    if (fault instanceof RegexFault) return `the regular expression "${value}" cannot be read: ${fault.message}`;
    throw fault;
  }
  if (ofConcept.has(property) || Object.hasOwn(ownProperties, property) || Object.hasOwn(kinship, property)) return undefined;
  if (isSnomed ? /^[1-9]\d{5,17}$/.test(property) || (property === "members" && op === "exists") || (property === "expressions" && op === "=") : header.properties.some(({ code }) => code === property)) return undefined;
  return `${system} has no property "${property}"; it has ${["concept", "display", ...header.properties.map(({ code }) => code), ...(isSnomed ? ["constraint", "an attribute's identifier"] : [])].join(", ")}`;
}

/** Codes and identifiers that filters name: looked up before, so that the planner knows them. */
export function codesIn(filters: readonly ConceptFilter[], { system }: Edition): string[] {
  return filters.flatMap(({ property, op, value }) => {
    if (system === snomedSystem && constraint.has(property)) {
      const expression = parseEcl(value);
      return expression.ok ? [...idsIn(expression.value)] : [];
    }
    if (hierarchical.has(op)) return [value];
    return [property, ...listed(op, value)];
  });
}

/** A condition on `k`, a row of terminology_concept. The caller has asked `filterFault`, and looked up `codesIn`. */
export function filterSql(filter: ConceptFilter, { edition, system }: Edition, numberOf: (code: string) => number | undefined): Sql {
  const { property, op, value } = filter;
  const own = raw(String(edition));
  if (system === snomedSystem) {
    const ecl = new EclSql(edition, numberOf);
    if (constraint.has(property)) {
      const expression = parseEcl(value);
      return expression.ok ? sql`k.concept in (${ecl.set(expression.value)})` : raw("false");
    }
    // Post-coordinated expressions are not among the codes, so leaving them out changes nothing.
    if (property === "expressions") return raw("true");
    if (property === "members") return is(sql`k.concept in (select m.refset from terminology_member m where m.edition = ${own})`, value === "true");
    if (ofConcept.has(property) && op === "in") return sql`k.concept in (select m.component from terminology_member m where m.edition = ${own} and not m.inactive and m.refset = any(${numbersOf(listed(op, value), numberOf)}))`;
  }
  if (hierarchical.has(op)) return hierarchySql(op, numberOf(value), own);
  const kin = Object.hasOwn(kinship, property) ? kinship[property]! : undefined;
  if (kin && op !== "regex") {
    const rows = sql`select h.${raw(kin.own)} from ${raw(`terminology_${kin.table}`)} h where h.edition = ${own} and h.${raw(kin.own)} <> h.${raw(kin.other)}`;
    if (op === "exists") return is(sql`k.concept in (${rows})`, value === "true");
    return is(sql`k.concept in (${rows} and h.${raw(kin.other)} = any(${numbersOf(listed(op, value), numberOf)}))`, op !== "not-in");
  }
  if (ofConcept.has(property)) return scalar(raw("k.code"), op, value);
  if (Object.hasOwn(ownProperties, property)) return scalar(ownProperties[property]!, op, value);
  const attribute = system === snomedSystem ? numberOf(property) : undefined;
  if (attribute !== undefined) {
    const rows = sql`select r.source from terminology_relationship r where r.edition = ${own} and r.attribute = ${attribute}::int`;
    if (op === "exists") return is(sql`k.concept in (${rows})`, value === "true");
    return is(sql`k.concept in (${rows} and r.target = any(${numbersOf(listed(op, value), numberOf)}))`, op !== "not-in");
  }
  const rows = sql`select p.concept from terminology_property p where p.edition = ${own} and p.property = ${property}`;
  switch (op) {
    case "exists": return is(sql`k.concept in (${rows})`, value === "true");
    case "regex": return sql`k.concept in (${rows} and p.value ~ ${whole(value)})`;
    default: return is(sql`k.concept in (${rows} and left(p.value, 100) = any(${texts(listed(op, value).map((one) => one.slice(0, 100)))}::text[]) and p.value = any(${texts(listed(op, value))}::text[]))`, op !== "not-in");
  }
}

function hierarchySql(op: string, at: number | undefined, edition: Sql): Sql {
  if (at === undefined) return raw(String(op === "is-not-a"));
  const below = sql`select t.descendant from terminology_closure t where t.edition = ${edition} and t.ancestor = ${at}::int`;
  switch (op) {
    case "is-a": return sql`k.concept in (${below})`;
    case "descendent-of": return sql`k.concept in (${below} and t.descendant <> t.ancestor)`;
    case "is-not-a": return sql`not exists (select 1 from terminology_closure t where t.edition = ${edition} and t.ancestor = ${at}::int and t.descendant = k.concept)`;
    case "generalizes": return sql`k.concept in (select t.ancestor from terminology_closure t where t.edition = ${edition} and t.descendant = ${at}::int)`;
    case "child-of": return sql`k.concept in (select p.child from terminology_parent p where p.edition = ${edition} and p.parent = ${at}::int)`;
    default: return sql`k.concept in (${below} and t.descendant <> t.ancestor) and not exists (select 1 from terminology_parent p where p.edition = ${edition} and p.parent = k.concept)`;
  }
}

function scalar(column: Sql, op: string, value: string): Sql {
  switch (op) {
    case "exists": return is(sql`${column} is not null`, value === "true");
    case "regex": return sql`${column} ~ ${whole(value)}`;
    case "not-in": return sql`(${column} = any(${texts(listed(op, value))}::text[])) is not true`;
    default: return sql`${column} = any(${texts(listed(op, value))}::text[])`;
  }
}

/**
 * Every word begins a word of one designation, or the whole begins the code. A query of concept numbers.
 */
export function textSql(text: string, edition: number): Sql {
  const words = wordsOf(folded(text)).map((word) => `'${word.slice(0, 200)}':*`);
  const own = raw(String(edition));
  const bare = text.trim().toLowerCase();
  const sets = words.length === 0 ? [] : [sql`select d.concept from terminology_designation d where d.edition = ${own} and d.words @@ ${words.join(" & ")}::tsquery and not d.inactive`];
  if (/^\S*\d\S*$/.test(bare)) sets.push(sql`select c.concept from terminology_concept c where c.edition = ${own} and starts_with(lower(c.code), ${bare})`);
  return sets.length === 0 ? sql`select c.concept from terminology_concept c where c.edition = ${own}` : union(sets);
}

/** Designations of the concept `k` as JSON, those made for searching left out. */
export function designationsSql(edition: number): Sql {
  return sql`(select json_agg(json_build_object('language', d.language, 'type', d.type, 'value', d.term) order by d.place) from terminology_designation d where d.edition = ${raw(String(edition))} and d.concept = k.concept and not d.inactive and d.type is distinct from ${displayType})`;
}

function is(condition: Sql, wanted: boolean): Sql {
  return sql`${raw(wanted ? "(" : "not (")}${condition}${raw(")")}`;
}

function listed(op: string, value: string): string[] {
  return op === "in" || op === "not-in" ? value.split(",").map((one) => one.trim()) : [value];
}

function numbersOf(codes: readonly string[], numberOf: (code: string) => number | undefined): Sql {
  return sql`${`{${codes.flatMap((code) => numberOf(code) ?? []).join(",")}}`}::int[]`;
}

/** A FHIR regular expression means the whole value. */
function whole(pattern: string): string {
  return `^(?:${pattern})$`;
}

export function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? raw("true") : join(conditions.map((one) => sql`(${one})`), " and ");
}
