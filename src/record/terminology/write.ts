/**
 * Writes one edition in one transaction: rows go to their tables by COPY in blocks, concepts and the closure at the
 * end. What a reader reads it hands over row by row; a concept comes before what names it.
 */
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import { folded, wordsOf } from "#fhir/terminology/ecl/text.ts";
import { closureOf } from "./closure.ts";
import { listedForMs, tables, tidyEditions, type EditionCounts, type EditionHeader } from "./edition.ts";

/** `display` given here is searched like a designation; one that is a designation anyway comes as a "display" row. */
export type ConceptRow = { kind: "concept"; code: string; display?: string; definition?: string; inactive?: boolean; abstract?: boolean; definitionStatus?: string; module?: string; effective?: string };
export type DesignationRow = { kind: "designation"; concept: string; id?: string; term: string; language?: string; type?: string; inactive?: boolean; module?: string; effective?: string; preferred?: readonly string[]; acceptable?: readonly string[] };
export type RelationshipRow = { kind: "relationship"; source: string; attribute: string; group: number; value: { target: string } | { number: string } | { text: string } | { truth: boolean } };
export type MemberRow = { kind: "member"; refset: string; component: string; inactive: boolean; module: string; effective: string; fields?: Readonly<Record<string, string>> };
export type EditionRow =
  | ConceptRow
  /** Which of a concept's designations it is called by; the last one counts. */
  | { kind: "display"; concept: string; display: string }
  | { kind: "parent"; child: string; parent: string }
  | DesignationRow | RelationshipRow | MemberRow
  /** `type`: of FHIR's concept properties. */
  | { kind: "property"; concept: string; property: string; type: string; value: string };

/** A release as its reader hands it over. Rows come in lists; a failure ends the load. */
export type Release = {
  system: string; version: string; form: string; header: EditionHeader;
  rows(): AsyncIterable<Result<readonly EditionRow[]>>;
};

export type Loaded = { edition: number; counts: EditionCounts; replaced: boolean };

/** Designations that are there to be searched and are not shown. */
export const displayType = "display";

/** "termin" as a number: one load at a time. */
const lock = 0x7465726d696e;
/** Words of many rows are sorted into their index together; no statement of a load is too long. */
const bulkSettings = ["gin_pending_list_limit = '256MB'", "work_mem = '256MB'", "maintenance_work_mem = '256MB'", "statement_timeout = 0"];
const blockCharacters = 1 << 20;
const conceptsMax = 5_000_000;

/** Nothing of a load that fails is seen by anyone. The same version loaded again takes the place of the one before. */
export async function loadEdition(db: postgres.Sql, release: Release, options: { now: Date; progress?: (counts: EditionCounts) => void }): Promise<Result<Loaded>> {
  class Failed extends Error {
    readonly failure: ReturnType<typeof fail>;
    constructor(failure: ReturnType<typeof fail>) {
      super(failure.failure.text);
      this.failure = failure;
    }
  }
  try {
    const loaded = await db.begin(async (tx): Promise<Loaded> => {
      const [held] = await tx.unsafe<{ held: boolean }[]>(`select pg_try_advisory_xact_lock(${lock}) as held`);
      if (!held!.held) throw new Failed(fail("conflict", "Another terminology is being loaded into this database; wait until it is done"));
      const [last] = await tx.unsafe<{ edition: number }[]>("select greatest((select max(edition) from terminology_edition), (select max(edition) from terminology_concept), 0) as edition");
      const edition = Number(last!.edition) + 1;
      for (const setting of bulkSettings) await tx.unsafe(`set local ${setting}`);
      const writer = new EditionWriter(tx, edition);
      try {
        for await (const rows of release.rows()) {
          if (!rows.ok) throw new Failed(rows);
          for (const row of rows.value) writer.add(row);
          if (writer.counts.concepts > conceptsMax) throw new Failed(fail("too-costly", `The release has more than ${conceptsMax.toLocaleString("en")} concepts; nothing was loaded`));
          if (writer.isFull) await writer.flush();
          options.progress?.(writer.counts);
        }
        const finishedWriting = await writer.finish();
        if (!finishedWriting.ok) throw new Failed(finishedWriting);
      } finally {
        // The transaction is not given up beneath rows on their way.
        await writer.arrived().catch(() => {});
      }
      const { counts } = writer;
      if (counts.concepts === 0) throw new Failed(fail("invalid", "The release has no concepts; nothing was loaded"));
      const before = await tx.unsafe("delete from terminology_edition where system = $1 and version = $2 returning edition", [release.system, release.version]);
      await tx.unsafe("insert into terminology_edition values ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7)", [edition, release.system, release.version, release.form, JSON.stringify(release.header), JSON.stringify(counts), options.now.toISOString()]);
      await tx.unsafe("select gin_clean_pending_list('terminology_designation_words')");
      for (const table of tables) await tx.unsafe(`analyze ${table}`);
      return { edition, counts, replaced: before.length > 0 };
    });
    // Readers that still hold the old edition finish first.
    if (loaded.replaced) await new Promise((done) => setTimeout(done, 2 * listedForMs));
    await tidyEditions(db);
    return ok(loaded);
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
}

const columns = {
  concept: "edition, concept, code, display, definition, inactive, abstract, definition_status, module, effective",
  parent: "edition, child, parent",
  closure: "edition, ancestor, descendant",
  designation: "edition, concept, place, id, term, folded, words, language, type, inactive, module, effective, preferred, acceptable",
  relationship: "edition, source, attribute, grp, target, number, text, truth",
  member: "edition, refset, component, inactive, module, effective, target, fields",
  property: "edition, concept, property, type, value",
} as const;
type Table = keyof typeof columns;

class EditionWriter {
  readonly counts: EditionCounts = { concepts: 0, designations: 0, relationships: 0, members: 0, properties: 0, parents: 0, closure: 0, dangling: 0 };
  readonly #tx: postgres.TransactionSql;
  readonly #edition: number;
  readonly #concepts: ConceptRow[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #children: (number[] | undefined)[] = [];
  readonly #places: number[] = [];
  readonly #blocks = new Map<Table, string[]>();
  #characters = 0;
  #copying: Promise<void> = Promise.resolve();

  constructor(tx: postgres.TransactionSql, edition: number) {
    this.#tx = tx;
    this.#edition = edition;
  }

  get isFull(): boolean { return this.#characters > blockCharacters; }

  add(row: EditionRow): void {
    switch (row.kind) {
      case "concept": {
        // A code that stands twice keeps its first meaning.
        if (this.#numbers.has(row.code)) return;
        this.#numbers.set(row.code, this.#concepts.push(row) - 1);
        this.counts.concepts += 1;
        if (row.display !== undefined) this.#designation(this.#concepts.length - 1, 0, { kind: "designation", concept: row.code, term: row.display, type: displayType });
        return;
      }
      case "display": {
        const number = this.#numberOf(row.concept);
        if (number !== undefined) this.#concepts[number]!.display = row.display;
        return;
      }
      case "parent": {
        const child = this.#numberOf(row.child), parent = this.#numberOf(row.parent);
        if (child === undefined || parent === undefined) return;
        const children = (this.#children[parent] ??= []);
        if (children.at(-1) === child) return;
        children.push(child);
        return;
      }
      case "designation": {
        const number = this.#numberOf(row.concept);
        if (number === undefined) return;
        const place = (this.#places[number] = (this.#places[number] ?? 0) + 1);
        this.#designation(number, place, row);
        this.counts.designations += 1;
        return;
      }
      case "relationship": {
        const source = this.#numberOf(row.source), attribute = this.#numberOf(row.attribute);
        const target = "target" in row.value ? this.#numberOf(row.value.target) : undefined;
        if (source === undefined || attribute === undefined || ("target" in row.value && target === undefined)) return;
        this.#write("relationship", [source, attribute, row.group, target, "number" in row.value ? row.value.number : undefined, "text" in row.value ? row.value.text : undefined, "truth" in row.value ? row.value.truth : undefined]);
        this.counts.relationships += 1;
        return;
      }
      case "member": {
        const refset = this.#numberOf(row.refset), component = this.#numberOf(row.component);
        if (refset === undefined || component === undefined) return;
        const target = row.fields?.targetComponentId === undefined ? undefined : this.#numbers.get(row.fields.targetComponentId);
        this.#write("member", [refset, component, row.inactive, row.module, row.effective, target, row.fields && JSON.stringify(row.fields)]);
        this.counts.members += 1;
        return;
      }
      case "property": {
        const number = this.#numberOf(row.concept);
        if (number === undefined) return;
        this.#write("property", [number, row.property, row.type, row.value]);
        this.counts.properties += 1;
      }
    }
  }

  #designation(number: number, place: number, row: DesignationRow): void {
    const plain = folded(row.term);
    this.#write("designation", [number, place, row.id, row.term, plain, vector(plain), row.language, row.type, row.inactive ?? false, row.module, row.effective, array(row.preferred), array(row.acceptable)]);
  }

  async finish(): Promise<Result<undefined>> {
    const count = this.#concepts.length;
    for (const [parent, children] of this.#children.entries()) {
      if (!children) continue;
      this.#children[parent] = [...new Set(children)];
      for (const child of this.#children[parent]) this.#write("parent", [child, parent]);
      this.counts.parents += this.#children[parent].length;
      if (this.isFull) await this.flush();
    }
    const closure = closureOf(count, this.#children, (concept) => this.#concepts[concept]!.code);
    if (!closure.ok) return closure;
    this.counts.closure = closure.value.size;
    for (const [ancestor, descendants] of closure.value.pairs()) for (const descendant of descendants) {
      this.#write("closure", [ancestor, descendant]);
      if (this.isFull) await this.flush();
    }
    for (const [number, row] of this.#concepts.entries()) {
      this.#write("concept", [number, row.code, row.display, row.definition, row.inactive ?? false, row.abstract ?? false, row.definitionStatus, row.module, row.effective]);
      if (this.isFull) await this.flush();
    }
    await this.flush();
    await this.arrived();
    return ok(undefined);
  }

  /** Rows go on their way while the next ones are read; the block before has arrived. */
  async flush(): Promise<void> {
    await this.#copying;
    const blocks = new Map(this.#blocks);
    this.#blocks.clear();
    this.#characters = 0;
    this.#copying = this.#copy(blocks);
    // Told where it is awaited.
    this.#copying.catch(() => {});
  }

  /** Every row has arrived. */
  async arrived(): Promise<void> {
    await this.#copying;
  }

  async #copy(blocks: ReadonlyMap<Table, readonly string[]>): Promise<void> {
    for (const [table, lines] of blocks) {
      const stream = await this.#tx.unsafe(`copy terminology_${table} (${columns[table]}) from stdin`).writable();
      if (!stream.write(lines.join(""))) await once(stream, "drain");
      stream.end();
      await finished(stream);
    }
  }

  #numberOf(code: string): number | undefined {
    const number = this.#numbers.get(code);
    if (number === undefined) this.counts.dangling += 1;
    return number;
  }

  #write(table: Table, values: readonly (string | number | boolean | undefined)[]): void {
    let line = String(this.#edition);
    for (const value of values) line += value === undefined ? "\t\\N" : typeof value === "string" ? `\t${copyText(value)}` : `\t${value}`;
    line += "\n";
    this.#characters += line.length;
    const block = this.#blocks.get(table);
    if (block) block.push(line);
    else this.#blocks.set(table, [line]);
  }
}

/** https://www.postgresql.org/docs/15/sql-copy.html, text format. U+0000 cannot be stored. */
function copyText(text: string): string {
  return special.test(text) ? text.replaceAll("\0", "").replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r") : text;
}
const special = /[\0\\\t\n\r]/;

/** Words hold letters, digits and marks only; long ones are cut as PostgreSQL's lexemes must be. */
export function vector(plain: string): string {
  return [...new Set(wordsOf(plain).map((word) => word.slice(0, 200)))].map((word) => `'${word}'`).join(" ");
}

function array(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : `{${values.join(",")}}`;
}
