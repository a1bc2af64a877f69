/**
 * StructureDefinitions as the rest of the room takes them: `readStructure` turns the JSON of a definition into a
 * `Structure`, keeping what validation needs and nothing else, so that the same form can rest in the compact file.
 * Source: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/elementdefinition.html
 */
import { structureDefinitionUrl } from "../canonical.ts";
import { fail, ok, type Result } from "#platform/result.ts";

export type BindingStrength = "required" | "extensible" | "preferred" | "example";
export type Binding = { strength: BindingStrength; valueSet?: string; /** Codes outside of this set are never allowed. */ maxValueSet?: string };
export type Constraint = { key: string; severity: "error" | "warning"; human: string; expression?: string; source?: string; bestPractice?: true };
export type DiscriminatorType = "value" | "exists" | "pattern" | "type" | "profile" | "position";
export type Slicing = { discriminators: readonly { type: DiscriminatorType; path: string }[]; rules: "open" | "closed" | "openAtEnd"; ordered: boolean };
export type TypeRef = { code: string; profiles?: readonly string[]; targets?: readonly string[]; aggregation?: readonly string[] };
/** A value that the name of its member types: fixedUri, patternCodeableConcept. */
export type Typed = { type: string; value: unknown };

/** One ElementDefinition. A member that is absent says nothing: in a differential the base decides. */
export type Element = {
  path: string;
  id?: string;
  slice?: string;
  /** For people: what the element is, in a few words. */
  short?: string;
  min?: number;
  /** -1 means *. */
  max?: number;
  types?: readonly TypeRef[];
  /** Path of the element whose content this one shares. */
  contentReference?: string;
  fixed?: Typed;
  pattern?: Typed;
  minValue?: Typed;
  maxValue?: Typed;
  maxLength?: number;
  /** From the extension `regex` on the type or the element. */
  regex?: string;
  binding?: Binding;
  constraints?: readonly Constraint[];
  slicing?: Slicing;
  mustSupport?: true;
  modifier?: true;
};

export type ExtensionContext = { type: string; expression: string };

export type Structure = {
  url: string;
  version?: string;
  name: string;
  /** resource, complex-type, primitive-type, logical. */
  kind: string;
  abstract?: true;
  /** The type it constrains or defines: "Observation", "Extension". */
  type: string;
  derivation?: "specialization" | "constraint";
  base?: string;
  /** Where an extension may stand. */
  context?: readonly ExtensionContext[];
  contextInvariants?: readonly string[];
  snapshot?: readonly Element[];
  differential?: readonly Element[];
};

/** Elements of one definition: beyond this it is refused. The largest published resource has about 1,000. */
export const elementsMax = 20_000;
/** Steps of one path. */
export const stepsMax = 60;
/** Slices of slices: "a/b/c" has three. */
export const slicesMax = 16;

const strengths: readonly string[] = ["required", "extensible", "preferred", "example"];
const discriminatorTypes: readonly string[] = ["value", "exists", "pattern", "type", "profile", "position"];

type Json = Readonly<Record<string, unknown>>;

/** Failure `structure` or `too-costly` names the definition and the element. */
export function readStructure(resource: Json): Result<Structure> {
  const { url, name, type, kind } = resource;
  if (resource.resourceType !== "StructureDefinition") return fail("structure", `expected a StructureDefinition, found ${JSON.stringify(resource.resourceType)?.slice(0, 60)}`);
  if (!isText(url)) return fail("structure", `the StructureDefinition ${isText(resource.id) ? resource.id : ""} has no url; give it one to be referred to by`);
  if (!isText(type)) return fail("structure", `${url}: type is missing; name the type that is constrained`);
  const structure: Structure = { url, name: isText(name) ? name : url, kind: isText(kind) ? kind : "resource", type: type.slice(type.lastIndexOf("/") + 1) };
  if (isText(resource.version)) structure.version = resource.version;
  if (resource.abstract === true) structure.abstract = true;
  if (resource.derivation === "constraint" || resource.derivation === "specialization") structure.derivation = resource.derivation;
  if (isText(resource.baseDefinition)) structure.base = resource.baseDefinition;
  const context = objects(resource.context).flatMap((one) => isText(one.type) && isText(one.expression) ? [{ type: one.type, expression: one.expression }] : []);
  if (context.length) structure.context = context;
  const invariants = texts(resource.contextInvariant);
  if (invariants.length) structure.contextInvariants = invariants;
  for (const part of ["snapshot", "differential"] as const) {
    const elements = objects((resource[part] as Json | undefined)?.element);
    if (elements.length > elementsMax) return fail("too-costly", `${url}: ${part} has ${elements.length} elements; ${elementsMax} are the most`);
    if (elements.length === 0) continue;
    const read: Element[] = [];
    for (const [i, element] of elements.entries()) {
      if (!isText(element.path)) return fail("structure", `${url}: ${part}.element[${i}] has no path`);
      if (element.path.split(".").length > stepsMax || (isText(element.id) && element.id.split(".").length > stepsMax))
        return fail("too-costly", `${url}: ${part}.element[${i}] lies more than ${stepsMax} steps deep`);
      if ([element.sliceName, element.id].some((name) => isText(name) && name.split("/").length > slicesMax))
        return fail("too-costly", `${url}: ${part}.element[${i}] is a slice of more than ${slicesMax} slices in each other`);
      read.push(readElement(element, element.path));
    }
    structure[part] = read;
  }
  return ok(structure);
}

function readElement(source: Json, path: string): Element {
  const element: Element = { path };
  if (isText(source.id)) element.id = source.id;
  if (isText(source.sliceName)) element.slice = source.sliceName;
  if (isText(source.short)) element.short = source.short;
  if (typeof source.min === "number") element.min = source.min;
  if (isText(source.max)) { const max = source.max === "*" ? -1 : Number(source.max); if (Number.isInteger(max)) element.max = max; }
  if (isText(source.contentReference)) element.contentReference = source.contentReference.slice(source.contentReference.indexOf("#") + 1);
  const types = objects(source.type).flatMap(readType);
  if (types.length) element.types = types;
  const regex = extensionText(source, "regex") ?? objects(source.type).map((type) => extensionText(type, "regex")).find((text) => text !== undefined);
  if (regex !== undefined) element.regex = regex;
  for (const key of Object.keys(source)) {
    const match = /^(fixed|pattern|minValue|maxValue)([A-Z][A-Za-z0-9]*)$/.exec(key);
    if (match) element[match[1] as "fixed" | "pattern" | "minValue" | "maxValue"] = { type: match[2]!, value: source[key] };
  }
  if (typeof source.maxLength === "number") element.maxLength = source.maxLength;
  const binding = source.binding as Json | undefined;
  if (isText(binding?.strength) && strengths.includes(binding.strength)) {
    element.binding = { strength: binding.strength as BindingStrength };
    if (isText(binding.valueSet)) element.binding.valueSet = binding.valueSet;
    const max = objects(binding.extension).find((one) => one.url === `${structureDefinitionUrl}elementdefinition-maxValueSet`);
    const maxValueSet = max?.valueCanonical ?? max?.valueUri;
    if (isText(maxValueSet)) element.binding.maxValueSet = maxValueSet;
  }
  const constraints = objects(source.constraint).flatMap(readConstraint);
  if (constraints.length) element.constraints = constraints;
  const slicing = source.slicing as Json | undefined;
  if (typeof slicing === "object" && slicing !== null) element.slicing = {
    discriminators: objects(slicing.discriminator).flatMap((one) => isText(one.path) && isText(one.type) && discriminatorTypes.includes(one.type) ? [{ type: one.type as DiscriminatorType, path: one.path }] : []),
    rules: slicing.rules === "closed" || slicing.rules === "openAtEnd" ? slicing.rules : "open",
    ordered: slicing.ordered === true,
  };
  if (source.mustSupport === true) element.mustSupport = true;
  if (source.isModifier === true) element.modifier = true;
  return element;
}

function readType(source: Json): TypeRef[] {
  if (!isText(source.code)) return [];
  const fhirType = source.code.startsWith("http://hl7.org/fhirpath/") ? extensionText(source, "structuredefinition-fhir-type") ?? "string" : undefined;
  const type: { -readonly [K in keyof TypeRef]: TypeRef[K] } = { code: fhirType ?? source.code.slice(source.code.lastIndexOf("/") + 1) };
  const profiles = texts(source.profile), targets = texts(source.targetProfile), aggregation = texts(source.aggregation);
  if (profiles.length) type.profiles = profiles;
  if (targets.length) type.targets = targets;
  if (aggregation.length) type.aggregation = aggregation;
  return [type];
}

function readConstraint(source: Json): Constraint[] {
  if (!isText(source.key)) return [];
  const constraint: Constraint = { key: source.key, severity: source.severity === "warning" ? "warning" : "error", human: isText(source.human) ? source.human : "" };
  if (isText(source.expression)) constraint.expression = source.expression;
  if (isText(source.source)) constraint.source = source.source;
  if (objects(source.extension).some((one) => one.url === `${structureDefinitionUrl}elementdefinition-bestpractice` && one.valueBoolean === true)) constraint.bestPractice = true;
  return [constraint];
}

function extensionText(source: Json, name: string): string | undefined {
  const found = objects(source.extension).find((one) => one.url === structureDefinitionUrl + name);
  const value = found?.valueUrl ?? found?.valueString ?? found?.valueUri;
  return isText(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === "object" && one !== null && !Array.isArray(one)) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}
