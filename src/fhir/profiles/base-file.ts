/**
 * The second compact file, build/fhir-r4-structures.ndjson: R4's own StructureDefinitions (types, resources, published
 * profiles and extensions) as `Structure`s (built-file.ts): a process parses only the definitions it is asked for, and
 * who never validates against profiles never opens it.
 */
import { resolve } from "node:path";
import { indexedLines } from "../definitions/built-file.ts";
import { definitionsPackage, definitionsSource, readBundle, readStructures } from "../definitions/source.ts";
import { readStructure, type Element, type Structure } from "./structure.ts";

/** Raise when the form changes: older files are then rebuilt. */
const formVersion = 3;

export const baseFile = resolve(import.meta.dirname, "../../../build/fhir-r4-structures.ndjson");

export type BaseStructures = { urls(): readonly string[]; get(url: string): Structure | undefined };

/** Checked while structures are validated, wherever they stand; repeating them on each element would double the file. */
const everywhere = new Set(["ele-1", "ext-1"]);

function trimmed(element: Element): Element {
  const { constraints, id, ...rest } = mended(element);
  const kept = constraints?.filter((one) => !everywhere.has(one.key));
  return { ...rest, ...(id === undefined || id === element.path ? {} : { id }), ...(kept?.length ? { constraints: kept } : {}) };
}

/**
 * R4 as published requires the units of whole vital signs also of their components, which makes oxygen flow (L/min) and
 * device states wrong; HL7's validator reads the binding as extensible, and so do we.
 */
function mended(element: Element): Element {
  const { path, binding } = element;
  if (path !== "Observation.component.value[x]" || binding?.strength !== "required" || !binding.valueSet?.startsWith("http://hl7.org/fhir/ValueSet/ucum-vitals-common")) return element;
  return { ...element, binding: { ...binding, strength: "extensible" } };
}

function* build(): Iterable<readonly [{ url: string }, Structure]> {
  const { folder } = definitionsPackage();
  type Source = Readonly<Record<string, unknown>>;
  const others = ["profiles-types.json", "profiles-others.json", "extension-definitions.json"]
    .flatMap((file) => readBundle<Source>(folder, file))
    .filter((one) => one.resourceType === "StructureDefinition" && one.derivation === "constraint");
  for (const source of [...readStructures(folder) as unknown as Source[], ...others]) {
    const read = readStructure(source);
    if (!read.ok) throw new Error(read.failure.text);
    const { differential: _, ...structure } = read.value;
    if (structure.snapshot) yield [{ url: structure.url }, { ...structure, snapshot: structure.snapshot.map(trimmed) }];
  }
}

let opened: BaseStructures | undefined;

/** Opened at first use and kept. */
export function baseStructures(): BaseStructures {
  if (opened) return opened;
  const lines = new Map(indexedLines(baseFile, `${formVersion} ${definitionsSource()}`, build).map(({ url, read }) => [url, read]));
  const known = new Map<string, Structure>();
  return opened = {
    urls: () => [...lines.keys()],
    get(url) {
      let structure = known.get(url);
      if (!structure && (structure = lines.get(url)?.())) known.set(url, structure);
      return structure;
    },
  };
}
