/** One loaded edition as the terminology engine asks for it. Questions of one turn of the loop go to PostgreSQL together. */
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import { postCoordinated } from "#fhir/terminology/ecl/implicit.ts";
import { defined, descriptionTypes, snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import type { CodeSystemProvider, Concept, ConceptFilter, ConceptPage, ConceptQuery, SystemHeader } from "#fhir/terminology/provider.ts";
import type { ConceptProperty, Designation } from "#fhir/terminology/resources.ts";
import { raw, run, sql, texts, type Sql } from "../sql.ts";
import type { Edition } from "./edition.ts";
import { all, codesIn, designationsSql, filterFault, filterSql, textSql } from "./filter-sql.ts";

type ConceptRow = {
  number: number; code: string; display: string | null; definition: string | null; inactive: boolean; abstract: boolean;
  definition_status: string | null; module: string | null; effective: string | null;
  parents: string; designations: string; properties: string; relationships: string;
};
type Waiting = { codes: readonly string[]; done(concepts: readonly (Concept | undefined)[]): void; failed(error: unknown): void };

/** Totals of expansions kept for their further pages. */
const countedMax = 1000;
/** Codes named by filters whose numbers are kept, those that are not there among them. */
const numbersMax = 10_000;
/** Codes looked up by one statement. */
const batchMax = 2000;

export class DatabaseCodeSystem implements CodeSystemProvider {
  readonly header: SystemHeader;
  readonly #edition: Edition;
  readonly #db: postgres.Sql;
  #waiting: Waiting[] = [];
  readonly #numbers = new Map<string, number | undefined>();
  readonly #counted = new Map<string, number>();

  constructor(db: postgres.Sql, edition: Edition) {
    this.#db = db;
    this.#edition = edition;
    const { name, title, language, caseSensitive, hierarchy, properties } = edition.header;
    this.header = {
      url: edition.system, version: edition.version, name, title, language, content: "complete", caseSensitive, status: "active",
      size: edition.counts.concepts, hierarchy, properties, ...(edition.system === snomedSystem ? { valueSet: `${snomedSystem}?fhir_vs` } : {}),
    };
  }

  concepts(codes: readonly string[]): Promise<readonly (Concept | undefined)[]> {
    return new Promise((done, failed) => {
      this.#waiting.push({ codes, done, failed });
      if (this.#waiting.length === 1) queueMicrotask(() => { void this.#look(this.#waiting.splice(0)); });
    });
  }

  filterFault(filter: ConceptFilter): string | undefined {
    return filterFault(filter, this.#edition);
  }

  async select(query: ConceptQuery): Promise<Result<ConceptPage>> {
    const page = await this.#condition(query);
    if (!page.ok) return page;
    const { skip = 0, count } = query;
    try {
      const rows = await run<ConceptRow>(this.#db, sql`with page as materialized (${page.value} order by k.concept limit ${count + 1} offset ${skip})
        select ${this.#columns()} from page join terminology_concept k on k.edition = ${this.#own} and k.concept = page.concept order by k.concept`);
      const more = rows.length > count;
      const concepts = rows.slice(0, count).map((row) => this.#conceptOf(row));
      if (query.after !== undefined) return ok({ concepts, more });
      return ok({ concepts, more, total: more || (concepts.length === 0 && skip > 0) ? await this.#count(page.value) : skip + concepts.length });
    } catch (error) {
      return costly(error);
    }
  }

  /** An edition never changes, so what was counted once stays counted. */
  async #count(set: Sql): Promise<number> {
    const key = JSON.stringify(set);
    let total = this.#counted.get(key);
    if (total === undefined) {
      const [row] = await run<{ count: string }>(this.#db, sql`select count(*) as count from (${set}) q`);
      total = Number(row!.count);
      if (this.#counted.size >= countedMax) this.#counted.delete(this.#counted.keys().next().value!);
      this.#counted.set(key, total);
    }
    return total;
  }

  async matches(filters: readonly ConceptFilter[], codes: readonly string[]): Promise<readonly boolean[]> {
    const set = await this.#condition({ filters }, codes);
    if (!set.ok) throw new Error(set.failure.text);
    const rows = await run<{ code: string }>(this.#db, sql`select k.code from (${set.value}) q join terminology_concept k on k.edition = ${this.#own} and k.concept = q.concept`);
    const passing = new Set(rows.map(({ code }) => this.#key(code)));
    return codes.map((code) => passing.has(this.#key(code)));
  }

  async subsumes(above: string, below: string): Promise<boolean> {
    const rows = await run(this.#db, sql`select 1 as one from terminology_closure where edition = ${this.#own} and ancestor = ${this.#numberSql(above)} and descendant = ${this.#numberSql(below)}`);
    return rows.length > 0;
  }

  async children(code: string): Promise<readonly string[]> {
    const rows = await run<{ code: string }>(this.#db, sql`select k.code from terminology_parent p join terminology_concept k on k.edition = ${this.#own} and k.concept = p.child where p.edition = ${this.#own} and p.parent = ${this.#numberSql(code)} order by p.child`);
    return rows.map((row) => row.code);
  }

  /** Why a code that was not found is none: of SNOMED CT, expressions are told from wrong identifiers. */
  codeFault(code: string): string | undefined {
    return this.#edition.system === snomedSystem ? postCoordinated(code) : undefined;
  }

  get #own(): Sql { return raw(String(this.#edition.edition)); }

  #key(code: string): string {
    return this.header.caseSensitive ? code : code.toLowerCase();
  }

  #codeIs(codes: readonly string[]): Sql {
    const keys = texts(codes.map((code) => this.#key(code)));
    return this.header.caseSensitive ? sql`k.code = any(${keys}::text[])` : sql`lower(k.code) = any(${keys}::text[])`;
  }

  #numberSql(code: string): Sql {
    return sql`(select k.concept from terminology_concept k where k.edition = ${this.#own} and ${this.#codeIs([code])} limit 1)`;
  }

  async #look(waiting: readonly Waiting[]): Promise<void> {
    try {
      const wanted = [...new Set(waiting.flatMap(({ codes }) => codes.map((code) => this.#key(code))))];
      const found = new Map<string, Concept>();
      for (let at = 0; at < wanted.length; at += batchMax) {
        const rows = await run<ConceptRow>(this.#db, sql`select ${this.#columns()} from terminology_concept k where k.edition = ${this.#own} and ${this.#codeIs(wanted.slice(at, at + batchMax))}`);
        for (const row of rows) found.set(this.#key(row.code), this.#conceptOf(row));
      }
      for (const { codes, done } of waiting) done(codes.map((code) => found.get(this.#key(code))));
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  /** A query of `concept`: whoever passes; `codes`: among these only. */
  async #condition({ filters, text, activeOnly, after }: Omit<ConceptQuery, "count">, codes?: readonly string[]): Promise<Result<Sql>> {
    for (const filter of filters) {
      const fault = this.filterFault(filter);
      if (fault !== undefined) return fail("not-supported", fault);
    }
    const named = codesIn(filters, this.#edition);
    if (after !== undefined) named.push(after);
    const numbers = await this.#numbersOf(named);
    const numberOf = (code: string) => numbers.get(this.#key(code));
    const conditions = filters.map((filter) => filterSql(filter, this.#edition, numberOf));
    if (codes !== undefined) conditions.push(this.#codeIs(codes));
    if (activeOnly) conditions.push(raw("not k.inactive"));
    if (text !== undefined) conditions.push(sql`k.concept in (${textSql(text, this.#edition.edition)})`);
    if (after !== undefined) conditions.push(sql`k.concept > ${numberOf(after) ?? -1}::int`);
    return ok(sql`select k.concept from terminology_concept k where k.edition = ${this.#own} and ${all(conditions)}`);
  }

  /** Those of the codes that are there. An edition never changes, so filters that come again ask once. */
  async #numbersOf(codes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unknown = codes.filter((code) => !this.#numbers.has(this.#key(code)));
    const found = new Map(codes.flatMap((code) => {
      const number = this.#numbers.get(this.#key(code));
      return number === undefined ? [] : [[this.#key(code), number] as const];
    }));
    if (unknown.length === 0) return found;
    for (const { code, number } of await run<{ code: string; number: number }>(this.#db, sql`select k.code, k.concept as number from terminology_concept k where k.edition = ${this.#own} and ${this.#codeIs(unknown)}`)) found.set(this.#key(code), Number(number));
    if (this.#numbers.size + unknown.length > numbersMax) this.#numbers.clear();
    for (const code of unknown.slice(0, numbersMax)) this.#numbers.set(this.#key(code), found.get(this.#key(code)));
    return found;
  }

  #columns(): Sql {
    const own = this.#own;
    // Looked up one by one: a join may be planned as a walk over all concepts.
    const codeOf = (column: string): Sql => sql`select c.code from terminology_concept c where c.edition = ${own} and c.concept = ${raw(column)}`;
    return sql`k.concept as number, k.code, k.display, k.definition, k.inactive, k.abstract, k.definition_status, k.module, k.effective,
      coalesce((select json_agg((${codeOf("h.parent")}) order by h.parent) from terminology_parent h where h.edition = ${own} and h.child = k.concept), '[]')::text as parents,
      coalesce(${designationsSql(this.#edition.edition)}, '[]')::text as designations,
      coalesce((select json_agg(json_build_array(p.property, p.type, p.value)) from terminology_property p where p.edition = ${own} and p.concept = k.concept), '[]')::text as properties,
      coalesce((select json_agg(json_build_array((${codeOf("r.attribute")}), (${codeOf("r.target")}), r.number::text, r.text, r.truth)) from terminology_relationship r where r.edition = ${own} and r.source = k.concept), '[]')::text as relationships`;
  }

  #conceptOf(row: ConceptRow): Concept {
    const property: ConceptProperty[] = [];
    if (this.#edition.system === snomedSystem) property.push(
      { code: "inactive", valueBoolean: row.inactive }, { code: "sufficientlyDefined", valueBoolean: row.definition_status === defined },
      ...(row.module === null ? [] : [{ code: "moduleId", valueCode: row.module }]), ...(row.effective ? [{ code: "effectiveTime", valueString: row.effective }] : []));
    for (const [code, type, value] of JSON.parse(row.properties) as [string, string, string][]) property.push(propertyOf(code, type, value));
    for (const [code, target, number, text, truth] of JSON.parse(row.relationships) as [string, string | null, string | null, string | null, boolean | null][])
      property.push({ code, ...(target !== null ? { valueCode: target } : number !== null ? { valueDecimal: Number(number) } : text !== null ? { valueString: text } : { valueBoolean: truth === true }) });
    const designation = (JSON.parse(row.designations) as { language: string | null; type: string | null; value: string }[]).map((one): Designation => ({
      ...(one.language === null ? {} : { language: one.language }), ...(one.type === null ? {} : { use: useOf(this.#edition.system, one.type) }), value: one.value,
    }));
    return {
      code: row.code, ...(row.display === null ? {} : { display: row.display }), ...(row.definition === null ? {} : { definition: row.definition }),
      ...(designation.length ? { designation } : {}), ...(property.length ? { property } : {}),
      parents: JSON.parse(row.parents) as string[], abstract: row.abstract, inactive: row.inactive, ...(row.inactive ? { status: "inactive" } : {}),
    };
  }
}

function propertyOf(code: string, type: string, value: string): ConceptProperty {
  switch (type) {
    case "code": return { code, valueCode: value };
    case "boolean": return { code, valueBoolean: value === "true" };
    case "integer": return { code, valueInteger: Number(value) };
    case "decimal": return { code, valueDecimal: Number(value) };
    case "dateTime": return { code, valueDateTime: value };
    case "Coding": {
      const bar = value.lastIndexOf("|");
      return { code, valueCoding: { system: value.slice(0, bar), code: value.slice(bar + 1) } };
    }
    default: return { code, valueString: value };
  }
}

const typeDisplays: Readonly<Record<string, string>> = { [descriptionTypes.fsn!]: "Fully specified name", [descriptionTypes.syn!]: "Synonym", [descriptionTypes.def!]: "Definition" };

function useOf(system: string, type: string): NonNullable<Designation["use"]> {
  return { system, code: type, ...(typeDisplays[type] === undefined ? {} : { display: typeDisplays[type] }) };
}

/**
 * https://www.postgresql.org/docs/15/errcodes-appendix.html: 57014 is here the statement's time limit, class 54 what is
 * beyond the server's own limits; the last is the driver's, for more than 65,534 values.
 */
function costly(error: unknown): ReturnType<typeof fail> {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (code === "57014" || code.startsWith("54") || code === "MAX_PARAMETERS_EXCEEDED") return fail("too-costly", "The expansion took too long or was too large, and was stopped; name a smaller set, or a filter that leaves fewer");
  throw error;
}
