/**
 * A SNOMED CT release (RF2 snapshot) as rows of an edition. Concepts, then descriptions with their acceptability,
 * inferred relationships, concrete values, and every reference set whose members are concepts.
 * Source: SNOMED CT Release File Specification, https://docs.snomed.org/snomed-ct-specifications/snomed-ct-release-file-specification
 */
import { isSnomedConceptId } from "#knowledge/terminology/check-digit.ts";
import { fullySpecifiedName, isA, preferred, snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { Acceptabilities } from "./acceptability.ts";
import { ReleaseFault } from "./fault.ts";
import { fileName, type ReleaseFile } from "./files.ts";
import { tabHeader, tabRows } from "./table.ts";

const component = ["id", "effectiveTime", "active", "moduleId"] as const;
const headers = {
  Concept: [...component, "definitionStatusId"],
  Description: [...component, "conceptId", "languageCode", "typeId", "term", "caseSignificanceId"],
  TextDefinition: [...component, "conceptId", "languageCode", "typeId", "term", "caseSignificanceId"],
  Relationship: [...component, "sourceId", "destinationId", "relationshipGroup", "typeId", "characteristicTypeId", "modifierId"],
  RelationshipConcreteValues: [...component, "sourceId", "value", "relationshipGroup", "typeId", "characteristicTypeId", "modifierId"],
} as const;
const member = [...component, "refsetId", "referencedComponentId"] as const;

const core = "900000000000207008", model = "900000000000012004", inferred = "900000000000011006";
/** What terms a concept is shown by, best first; then any preferred term, then the fully specified name. */
const shownBy = ["900000000000509007", "900000000000508004"];

/** Editions put a word of their own before "Snapshot": sct2_Concept_UKCLSnapshot_GB1000000_20240101.txt. */
const coreFile = /^x?sct2_(Concept|Description|TextDefinition|Relationship|RelationshipConcreteValues)_[A-Za-z0-9]*?(Snapshot|Full|Delta)(?:-[A-Za-z-]+)?_/;
const refset = /^x?der2_[a-z]*Refset_(\w+?)(Snapshot|Full|Delta)(?:-[A-Za-z-]+)?_/;
/** Members that are descriptions, and what relates modules or files rather than concepts. */
const notOfConcepts = /Language|DescriptionType|RefsetDescriptor|ModuleDependency|OWL/;

export function isSnomedRelease(files: readonly ReleaseFile[]): boolean {
  return files.some((file) => coreFile.test(fileName(file)));
}

export async function snomedRelease(files: readonly ReleaseFile[], given: { version?: string }): Promise<Release> {
  const of = (kind: keyof typeof headers) => files.filter((file) => coreFile.exec(fileName(file))?.slice(1, 3).join() === `${kind},Snapshot`);
  const refsets = files.filter((file) => refset.exec(fileName(file))?.[2] === "Snapshot");
  if (of("Concept").length === 0) throw new ReleaseFault(files.find((file) => coreFile.test(fileName(file)))?.place ?? "The release", undefined, "the release has no sct2_Concept_Snapshot file; load a release with its Snapshot folder (Full and Delta files hold other rows)");
  for (const kind of ["Description", "Relationship"] as const) if (of(kind).length === 0) throw new ReleaseFault("The release", undefined, `there is no sct2_${kind}_Snapshot file beside ${of("Concept")[0]!.place}; unpack the whole release`);
  const languages = refsets.filter((file) => refset.exec(fileName(file))![1]!.startsWith("Language"));
  if (languages.length === 0) throw new ReleaseFault("The release", undefined, "there is no der2_cRefset_LanguageSnapshot file, which says what concepts are called; unpack the whole release");
  const version = given.version ?? await versionOf(of("Concept"), refsets);
  return {
    system: snomedSystem, version, form: "SNOMED CT RF2",
    header: {
      name: "SNOMED_CT", title: "SNOMED CT", language: "en", caseSensitive: true, hierarchy: true,
      properties: [{ code: "inactive", type: "boolean" }, { code: "sufficientlyDefined", type: "boolean" }, { code: "moduleId", type: "code" }, { code: "effectiveTime", type: "string" }],
    },
    async *rows() {
      for (const file of of("Concept")) yield* rowsIn(file, headers.Concept, conceptRow);
      const acceptabilities = new Acceptabilities();
      for (const file of languages) for await (const { rows, lines } of tabRows(file, [...member, "acceptabilityId"])) for (const [i, [, , active, , refsetId, description, acceptability]] of rows.entries())
        if (active === "1" && !acceptabilities.add(description!, refsetId!, acceptability === preferred)) throw new ReleaseFault(file.place, lines[i], "the release has more than 32 language reference sets; load the languages you need");
      const shown = new Shown(acceptabilities.refsets);
      for (const file of [...of("Description"), ...of("TextDefinition")]) yield* rowsIn(file, headers.Description, (cells) => descriptionRows(cells, acceptabilities, shown));
      for (const file of of("Relationship")) yield* rowsIn(file, headers.Relationship, relationshipRow);
      for (const file of of("RelationshipConcreteValues")) yield* rowsIn(file, headers.RelationshipConcreteValues, (cells, line) => concreteRow(cells, file, line));
      for (const file of refsets) if (!notOfConcepts.test(refset.exec(fileName(file))![1]!)) {
        const header = await tabHeader(file);
        if (member.some((name, i) => header[i] !== name)) throw new ReleaseFault(file.place, 1, `the header of a reference set begins ${member.join(" ")}; this one reads "${header.join(" ").slice(0, 200)}"`);
        yield* rowsIn(file, header, (cells) => memberRow(cells, header));
      }
    },
  };
}

async function* rowsIn(file: ReleaseFile, header: readonly string[], make: (cells: string[], line: number) => EditionRow | readonly EditionRow[] | undefined): ReturnType<Release["rows"]> extends AsyncIterable<infer Item> ? AsyncGenerator<Item> : never {
  for await (const { rows, lines } of tabRows(file, header)) {
    const made: EditionRow[] = [];
    for (let i = 0; i < rows.length; i++) {
      const cells = rows[i]!;
      if ((cells[2] !== "0" && cells[2] !== "1") || !/^(\d{8})?$/.test(cells[1]!)) throw new ReleaseFault(file.place, lines[i], `effectiveTime "${cells[1]!.slice(0, 20)}" and active "${cells[2]!.slice(0, 20)}" are not YYYYMMDD and 0 or 1; this is no RF2 row`);
      if (header === headers.Concept && !isSnomedConceptId(cells[0]!)) throw new ReleaseFault(file.place, lines[i], `"${cells[0]!.slice(0, 30)}" is no concept identifier (its check digit or partition is wrong); the file was damaged`);
      const row = make(cells, lines[i]!);
      if (row !== undefined) made.push(...("kind" in row ? [row] : row));
    }
    yield { ok: true, value: made };
  }
}

function conceptRow([code, effective, active, module, definitionStatus]: readonly string[]): EditionRow {
  return { kind: "concept", code: code!, inactive: active === "0", definitionStatus: definitionStatus!, module: module!, effective: effective! };
}

function descriptionRows([id, effective, active, module, concept, language, type, term]: readonly string[], acceptabilities: Acceptabilities, shown: Shown): EditionRow[] {
  const accepted = acceptabilities.of(id!);
  const rows: EditionRow[] = [{ kind: "designation", concept: concept!, id: id!, term: term!, language: language!, type: type!, inactive: active === "0", module: module!, effective: effective!, ...accepted }];
  if (active === "1" && shown.isBetter(concept!, type!, accepted.preferred)) rows.push({ kind: "display", concept: concept!, display: term! });
  return rows;
}

/** Ranks of the terms that concepts are shown by so far. */
class Shown {
  readonly #order: readonly string[];
  readonly #ranks = new Map<string, number>();
  constructor(refsets: readonly string[]) {
    this.#order = [...shownBy.filter((one) => refsets.includes(one)), ...refsets.filter((one) => !shownBy.includes(one))];
  }

  isBetter(concept: string, type: string, preferredIn: readonly string[]): boolean {
    const names = type === fullySpecifiedName;
    if (!names && type !== "900000000000013009") return false;
    const at = names ? -1 : this.#order.findIndex((one) => preferredIn.includes(one));
    const rank = names ? 100 : at < 0 ? 200 : at;
    if (rank >= (this.#ranks.get(concept) ?? 1000)) return false;
    this.#ranks.set(concept, rank);
    return true;
  }
}

function relationshipRow([, , active, , source, target, group, attribute, characteristic]: readonly string[]): EditionRow | undefined {
  if (active !== "1" || characteristic !== inferred) return undefined;
  return attribute === isA ? { kind: "parent", child: source!, parent: target! } : { kind: "relationship", source: source!, attribute: attribute!, group: Number(group), value: { target: target! } };
}

/** Numbers are written #5.5, texts "abc", truths true and false. */
function concreteRow([, , active, , source, value, group, attribute, characteristic]: readonly string[], file: ReleaseFile, line: number): EditionRow | undefined {
  if (active !== "1" || characteristic !== inferred) return undefined;
  const own = { kind: "relationship", source: source!, attribute: attribute!, group: Number(group) } as const;
  if (/^#[+-]?\d+(\.\d+)?$/.test(value!)) return { ...own, value: { number: value!.slice(1) } };
  if (/^".*"$/s.test(value!)) return { ...own, value: { text: value!.slice(1, -1) } };
  if (/^(true|false)$/i.test(value!)) return { ...own, value: { truth: value!.toLowerCase() === "true" } };
  throw new ReleaseFault(file.place, line, `the value "${value!.slice(0, 40)}" is neither #number, "text" nor a truth`);
}

function memberRow(cells: readonly string[], header: readonly string[]): EditionRow | undefined {
  // Descriptions and relationships (partition 1 and 2) may be members of the same files.
  if (cells[5]!.at(-2) !== "0") return undefined;
  const fields: Record<string, string> = {};
  for (let i = 5; i < header.length; i++) fields[header[i]!] = cells[i]!;
  return { kind: "member", refset: cells[4]!, component: cells[5]!, inactive: cells[2] === "0", module: cells[3]!, effective: cells[1]!, fields };
}

/** http://snomed.info/sct/MODULE/version/DATE: the date of the files, the module on which no other one depends. */
async function versionOf(concepts: readonly ReleaseFile[], refsets: readonly ReleaseFile[]): Promise<string> {
  const date = /_(\d{8})(?:T\d+Z)?\.txt$/.exec(fileName(concepts[0]!))?.[1];
  const dependencies = refsets.find((file) => /_ModuleDependency\w*Snapshot/.test(fileName(file)));
  const modules = new Set<string>(), dependedOn = new Set<string>();
  if (dependencies) for await (const { rows } of tabRows(dependencies, [...member, "sourceEffectiveTime", "targetEffectiveTime"])) for (const [, , active, module, , referenced, source] of rows)
    if (active === "1" && source === date) {
      modules.add(module!);
      dependedOn.add(referenced!);
    }
  const tops = dependencies ? [...modules].filter((module) => !dependedOn.has(module)) : /_INT_/.test(fileName(concepts[0]!)) ? [core] : [];
  // The core module depends on the model module and on nothing else.
  const [top, ...others] = tops.length === 0 && modules.size === 0 && /_INT_/.test(fileName(concepts[0]!)) ? [core] : tops.filter((module) => module !== model);
  if (date === undefined || top === undefined || others.length > 0) throw new ReleaseFault(concepts[0]!.place, undefined, `which edition this is cannot be told from its files${others.length > 0 ? ` (modules ${[top, ...others].join(", ")})` : ""}; say it: --version http://snomed.info/sct/MODULE/version/YYYYMMDD`);
  return `${snomedSystem}/${top}/version/${date}`;
}
