/**
 * ICD-10-CM as rows of an edition: the order file has every code with its names, the tabular list has chapters,
 * sections, notes and what a seventh character means. Either is enough; with both, each gives what it knows best.
 * Source: files and their layout at https://www.cdc.gov/nchs/icd/icd-10-cm/files.html (icd10OrderFiles.pdf)
 */
import { ok } from "#platform/result.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { ReleaseFault } from "./fault.ts";
import { fileName, linesOf, type ReleaseFile } from "./files.ts";
import { elementsOf, textOf, xmlTree, type Element } from "./xml-tree.ts";

const orderFile = /^icd10cm[-_]order[-_](\d{4}).*\.txt$/i;
const tabularFile = /^icd10cm[-_]tabular[-_](\d{4}).*\.xml$/i;
const notes = { includes: "includes", inclusionTerm: "inclusion", excludes1: "excludes1", excludes2: "excludes2", codeFirst: "codeFirst", useAdditionalCode: "useAdditionalCode", codeAlso: "codeAlso" } as const;

export function isIcd10CmRelease(files: readonly ReleaseFile[]): boolean {
  return files.some((file) => orderFile.test(fileName(file)) || tabularFile.test(fileName(file)));
}

export function icd10CmRelease(files: readonly ReleaseFile[], given: { version?: string }): Release {
  // Releases of April add codes to those of October and carry the month in their name, so the last name is the newest.
  const newest = (pattern: RegExp) => files.filter((file) => pattern.test(fileName(file))).sort((a, b) => (fileName(a) < fileName(b) ? -1 : 1)).at(-1);
  const order = newest(orderFile), tabular = newest(tabularFile);
  const version = given.version ?? (order ? orderFile.exec(fileName(order)) : tabularFile.exec(fileName(tabular!)))![1]!;
  return {
    system: "http://hl7.org/fhir/sid/icd-10-cm", version, form: "ICD-10-CM",
    header: {
      name: "ICD10CM", title: "International Classification of Diseases, 10th Revision, Clinical Modification", language: "en", caseSensitive: true, hierarchy: true,
      properties: [{ code: "kind", type: "code" }, ...Object.values(notes).map((code) => ({ code, type: "string" }))],
    },
    async *rows() {
      const list = new TabularList();
      if (tabular) list.read(await xmlTree(tabular), tabular);
      if (!order) {
        yield ok(list.rows(undefined));
        return;
      }
      const codes: EditionRow[] = [], parents: EditionRow[] = [];
      const known = new Set<string>();
      for await (const { lines, first } of linesOf(order)) for (const [i, line] of lines.entries()) {
        if (line.trim() === "") continue;
        const [, bare, billable, short, long] = /^\d{5} ([A-Z]\d[0-9A-Z]{1,5}) *([01]) (.{60}) (.*)$/.exec(line) ?? [];
        if (bare === undefined) throw new ReleaseFault(order.place, first + i, `"${line.slice(0, 60)}" is no row of the order file (number, code, 0 or 1, short name to column 77, long name)`);
        const code = dotted(bare);
        known.add(code);
        codes.push({ kind: "concept", code, display: long!.trim() });
        if (short!.trim() !== long!.trim()) parents.push({ kind: "designation", concept: code, term: short!.trim(), type: "short", language: "en" });
        parents.push({ kind: "property", concept: code, property: "kind", type: "code", value: billable === "1" ? "billable" : "header" });
        // A code is below the longest one that begins it.
        let above = bare.slice(0, -1);
        while (above.length >= 3 && !known.has(dotted(above))) above = above.slice(0, -1);
        if (above.length >= 3) parents.push({ kind: "parent", child: code, parent: dotted(above) });
      }
      yield ok(list.rows(known).filter(({ kind }) => kind === "concept"));
      yield ok(codes);
      yield ok(parents);
      yield ok(list.rows(known).filter(({ kind }) => kind !== "concept"));
    },
  };
}

function dotted(bare: string): string {
  return bare.length > 3 ? `${bare.slice(0, 3)}.${bare.slice(3)}` : bare;
}

type Entry = { code: string; display: string; kind: "chapter" | "section" | "code"; parent: string | undefined; notes: readonly (readonly [string, string])[] };

class TabularList {
  readonly #entries: Entry[] = [];

  read(root: Element, file: ReleaseFile): void {
    if (root.name !== "ICD10CM.tabular") throw new ReleaseFault(file.place, undefined, `the root element is <${root.name}>, not <ICD10CM.tabular>`);
    for (const chapter of elementsOf(root, "chapter")) {
      const code = `chapter-${textOf(elementsOf(chapter, "name")[0])}`;
      this.#add(chapter, code, "chapter", undefined);
      for (const section of elementsOf(chapter, "section")) {
        const id = section.attributes.id ?? "";
        // A section of one category has its code.
        const isOwn = !elementsOf(section, "diag").some((one) => textOf(elementsOf(one, "name")[0]) === id);
        if (isOwn) this.#add(section, id, "section", code);
        for (const diagnosis of elementsOf(section, "diag")) this.#diagnosis(diagnosis, isOwn ? id : code, undefined);
      }
    }
  }

  /** `known`: codes of the order file, which then says what codes there are and how they are named. */
  rows(known: ReadonlySet<string> | undefined): EditionRow[] {
    const here = new Set(this.#entries.map(({ code }) => code));
    return this.#entries.flatMap(({ code, display, kind, parent, notes: said }): EditionRow[] => {
      if (known && kind === "code" && !known.has(code)) return [];
      const isListed = known !== undefined && kind === "code";
      return [
        ...(isListed ? [] : [{ kind: "concept", code, display, abstract: kind !== "code" } as const, { kind: "property", concept: code, property: "kind", type: "code", value: kind } as const]),
        ...(parent !== undefined && here.has(parent) && (!isListed || !known.has(parent)) ? [{ kind: "parent", child: code, parent } as const] : []),
        ...said.map(([property, value]) => ({ kind: "property", concept: code, property, type: "string", value }) as const),
        ...said.flatMap(([property, term]) => (property === "inclusion" ? [{ kind: "designation", concept: code, term, type: "inclusion", language: "en" } as const] : [])),
      ];
    });
  }

  #add(element: Element, code: string, kind: Entry["kind"], parent: string | undefined): void {
    const said = elementsOf(element).flatMap((child) => (Object.hasOwn(notes, child.name) ? elementsOf(child, "note").map((note) => [notes[child.name as keyof typeof notes], textOf(note)] as const) : []));
    this.#entries.push({ code, display: textOf(elementsOf(element, "desc")[0]), kind, parent, notes: said });
  }

  #diagnosis(element: Element, parent: string, above: readonly Element[] | undefined): void {
    const code = textOf(elementsOf(element, "name")[0]);
    this.#add(element, code, "code", parent);
    const definition = elementsOf(element, "sevenChrDef")[0];
    const extensions = definition ? elementsOf(definition, "extension") : above;
    const below = elementsOf(element, "diag");
    for (const diagnosis of below) this.#diagnosis(diagnosis, code, extensions);
    const bare = code.replace(".", "");
    // "X" fills up to the seventh character.
    if (below.length === 0 && extensions && bare.length < 7) for (const extension of extensions)
      this.#entries.push({ code: dotted(bare.padEnd(6, "X") + (extension.attributes.char ?? "")), display: `${textOf(elementsOf(element, "desc")[0])}, ${textOf(extension)}`, kind: "code", parent: code, notes: [] });
  }
}
