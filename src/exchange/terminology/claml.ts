/**
 * A classification in ClaML (ICD-10 of the WHO, ICD-10-GM, ICPC) as rows of an edition: classes with their rubrics and
 * hierarchy. Modifiers (subdivisions that a class takes from a table) are not multiplied out.
 * Source: EN 14463 (ClaML), https://www.iso.org/standard/54578.html; release files of https://icd.who.int/
 */
import { ok } from "#platform/result.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { ReleaseFault } from "./fault.ts";
import type { ReleaseFile } from "./files.ts";
import { elementsOf, textOf, xmlTree, type Element } from "./xml-tree.ts";

/** Rubrics that name a class; the others say what it holds. */
const names = new Set(["preferred", "preferredLong"]);

export async function clamlRelease(file: ReleaseFile, given: { system?: string; version?: string }): Promise<Release> {
  const root = await xmlTree(file);
  if (root.name !== "ClaML") throw new ReleaseFault(file.place, undefined, `the root element is <${root.name}>, not <ClaML>`);
  const title = elementsOf(root, "Title")[0];
  const name = title?.attributes.name ?? "";
  const system = given.system ?? systemOf(name);
  if (system === undefined) throw new ReleaseFault(file.place, undefined, `which code system "${name.slice(0, 60)}" is, is not known; say it: --system URL`);
  const version = given.version ?? title?.attributes.version ?? title?.attributes.date;
  if (version === undefined) throw new ReleaseFault(file.place, undefined, "<Title> says no version; say it: --version 2019");
  const classes = elementsOf(root, "Class");
  const known = new Set(classes.map(({ attributes }) => attributes.code));
  return {
    system, version, form: "ClaML",
    header: { name: name.replaceAll(/\W+/g, "_") || "ClaML", title: textOf(title) || name, language: languageOf(classes), caseSensitive: true, hierarchy: true, properties: [{ code: "kind", type: "code" }, ...[...rubricKinds(classes)].map((code) => ({ code, type: "string" }))] },
    async *rows() {
      yield ok(classes.map(conceptRow));
      yield ok(classes.flatMap((one) => detailRows(one, known, file)));
    },
  };
}

function systemOf(name: string): string | undefined {
  if (/icd-?10-?gm/i.test(name)) return "http://fhir.de/CodeSystem/bfarm/icd-10-gm";
  if (/icd-?10/i.test(name)) return "http://hl7.org/fhir/sid/icd-10";
  return /icpc-?2/i.test(name) ? "http://hl7.org/fhir/sid/icpc-2" : undefined;
}

function conceptRow(one: Element): EditionRow {
  const { code = "", kind = "" } = one.attributes;
  const preferred = elementsOf(one, "Rubric").find(({ attributes }) => attributes.kind === "preferred");
  return { kind: "concept", code, display: labels(preferred)[0]?.text ?? code, abstract: kind === "chapter" || kind === "block" };
}

function detailRows(one: Element, known: ReadonlySet<string | undefined>, file: ReleaseFile): EditionRow[] {
  const { code = "", kind } = one.attributes;
  const rows: EditionRow[] = kind === undefined ? [] : [{ kind: "property", concept: code, property: "kind", type: "code", value: kind }];
  for (const { attributes } of elementsOf(one, "SuperClass")) {
    if (!known.has(attributes.code)) throw new ReleaseFault(file.place, undefined, `the class ${code} is below ${attributes.code}, which the file does not have`);
    rows.push({ kind: "parent", child: code, parent: attributes.code! });
  }
  for (const rubric of elementsOf(one, "Rubric")) for (const [i, { text, language }] of labels(rubric).entries()) {
    const of = rubric.attributes.kind ?? "note";
    if (text === "" || (of === "preferred" && i === 0)) continue;
    if (names.has(of) || of === "inclusion") rows.push({ kind: "designation", concept: code, term: text, type: of, ...(language === undefined ? {} : { language }) });
    if (!names.has(of)) rows.push({ kind: "property", concept: code, property: of, type: "string", value: text });
  }
  return rows;
}

function labels(rubric: Element | undefined): { text: string; language?: string }[] {
  return rubric ? elementsOf(rubric, "Label").map((label) => ({ text: textOf(label), ...(label.attributes["xml:lang"] === undefined ? {} : { language: label.attributes["xml:lang"] }) })) : [];
}

function rubricKinds(classes: readonly Element[]): Set<string> {
  return new Set(classes.flatMap((one) => elementsOf(one, "Rubric").map(({ attributes }) => attributes.kind ?? "note")).filter((kind) => !names.has(kind)));
}

function languageOf(classes: readonly Element[]): string {
  for (const one of classes) for (const rubric of elementsOf(one, "Rubric")) for (const { language } of labels(rubric)) if (language !== undefined) return language;
  return "en";
}
