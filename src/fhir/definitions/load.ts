/**
 * R4 definitions as typed values: types with their elements, search parameters, value sets of required
 * bindings, the Patient compartment. Read at first use (build/fhir-r4.json, compiled then and there when it is
 * missing or of another version); each type is unfolded when first asked for.
 */
import { builtFile } from "./built-file.ts";
import { compile, defaultFile, isCurrent } from "./compile.ts";
import type { CodeSet, Compiled, CompiledElement, ElementDefinition, SearchParameter, TypeDefinition } from "./model.ts";

export type { CodeSet, ElementDefinition, SearchParameter, SearchType, TypeDefinition, TypeKind } from "./model.ts";

let compiled: Compiled | undefined;

function definitions(): Compiled {
  return compiled ??= compiledDefinitions(defaultFile);
}

/** R4's definitions from their compact file; compiled then and there when it is missing or of another version. */
export function compiledDefinitions(file: string): Compiled {
  return builtFile(file, (bytes) => {
    const read = JSON.parse(bytes.toString("utf8")) as Compiled;
    return isCurrent(read) ? read : undefined;
  }, () => Buffer.from(JSON.stringify(compile())));
}

const types = new Map<string, TypeDefinition>();

/** A resource type, datatype, primitive, or backbone element by its path ("Observation.component"). */
export function typeDefinition(name: string): TypeDefinition | undefined {
  const known = types.get(name);
  if (known) return known;
  const all = definitions().types;
  if (!Object.hasOwn(all, name)) return undefined;
  const source = all[name]!;
  const elements = source.e.map(element => unfold(name, element));
  const definition: TypeDefinition = {
    name, kind: source.kind, abstract: source.abstract === 1, elements,
    members: new Map(elements.flatMap(element => element.members.map(member => [member.name, { element, type: member.type }] as const))),
    byName: new Map(elements.map(element => [element.name, element])),
  };
  if (source.base) definition.base = source.base;
  if (source.regex !== undefined) definition.regex = new RegExp(`^(?:${source.regex})$`);
  types.set(name, definition);
  return definition;
}

function unfold(parent: string, e: CompiledElement): ElementDefinition {
  // R4 writes * for the open choice of Extension.value[x] as the full list of types, so nothing is left to expand.
  const element: ElementDefinition = {
    path: `${parent}.${e.n}`, name: e.n, choice: e.c === 1, min: e.min, max: e.max < 0 ? Infinity : e.max, types: e.t,
    members: e.c === 1 ? e.t.map(type => ({ name: e.n + type[0]!.toUpperCase() + type.slice(1), type })) : e.t.slice(0, 1).map(type => ({ name: e.n, type })),
    simpleQuantity: e.q === 1, summary: e.s === 1, modifier: e.m === 1,
  };
  if (e.r) element.targets = e.r;
  if (e.b) element.binding = e.b;
  return element;
}

let resourceNames: readonly string[] | undefined;
let resourceSet: ReadonlySet<string> | undefined;

/** The 146 concrete R4 resource types, sorted. */
export function resourceTypes(): readonly string[] {
  return resourceNames ??= Object.entries(definitions().types)
    .filter(([, type]) => type.kind === "resource" && !type.abstract).map(([name]) => name).sort();
}

/** True for a concrete R4 resource type; "Resource" and "DomainResource" are not. */
export function isResourceType(name: string): boolean {
  return (resourceSet ??= new Set(resourceTypes())).has(name);
}

/** True when `name` is `ancestor` or descends from it: ("Patient", "DomainResource"), ("code", "string"). */
export function isSubtype(name: string, ancestor: string): boolean {
  const all = definitions().types;
  for (let at: string | undefined = name; at !== undefined && Object.hasOwn(all, at); at = all[at]!.base) if (at === ancestor) return true;
  return false;
}

const codeSets = new Map<string, CodeSet | undefined>();

/** Codes of a required binding's value set; undefined when they cannot be enumerated here (ISO 4217, BCP 13, UCUM). */
export function codeSet(url: string): CodeSet | undefined {
  if (codeSets.has(url)) return codeSets.get(url);
  const sets = definitions().valueSets;
  const source = Object.hasOwn(sets, url) ? sets[url] : undefined;
  const set = source && {
    url, codes: new Set(Object.values(source).flat()),
    bySystem: new Map(Object.entries(source).map(([system, codes]) => [system, new Set(codes)])),
  };
  codeSets.set(url, set);
  return set;
}

let parametersByBase: Map<string, SearchParameter[]> | undefined;
let parametersByUrl: Map<string, SearchParameter> | undefined;

/** R4's own search parameters of a resource type by code, those of DomainResource and Resource (_id, _lastUpdated…) included. */
export function searchParametersOf(type: string): readonly SearchParameter[] {
  if (!parametersByBase) {
    parametersByBase = new Map();
    for (const parameter of definitions().searchParameters)
      for (const base of parameter.base) {
        const list = parametersByBase.get(base);
        if (list) list.push(parameter); else parametersByBase.set(base, [parameter]);
      }
  }
  const found: SearchParameter[] = [];
  const all = definitions().types;
  for (let at: string | undefined = type; at !== undefined && Object.hasOwn(all, at); at = all[at]!.base) found.push(...parametersByBase.get(at) ?? []);
  return found;
}

/** The search parameter with this canonical url: composites name their components so. */
export function searchParameterByUrl(url: string): SearchParameter | undefined {
  parametersByUrl ??= new Map(definitions().searchParameters.map(parameter => [parameter.url, parameter]));
  return parametersByUrl.get(url);
}

/**
 * Search parameter codes that place a resource of this type in a Patient compartment; undefined when the type
 * is never in one. For Patient itself the answer is ["link"]; the Patient is in its own compartment besides.
 * Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export function patientCompartmentParams(type: string): readonly string[] | undefined {
  const all = definitions().patientCompartment;
  return Object.hasOwn(all, type) ? all[type] : undefined;
}
