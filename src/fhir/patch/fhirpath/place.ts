/**
 * Where the elements that a FHIRPath finds stand in the resource. The path runs on a copy in which every element
 * can be told from every other: objects by themselves, primitives by a `_name` object of their own.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { compile, compileAst, Node, type Evaluator } from "../../fhirpath/compile.ts";
import { parse } from "../../fhirpath/parser.ts";
import { isJsonObject, plain } from "../../json/literals.ts";
import type { Json, JsonObject, Resource } from "../../resource.ts";

/** An element of the resource; the resource itself has no holder. */
export type Place = {
  /** FHIR type: "HumanName", "Patient.contact", "date". */
  type: string;
  primitive: boolean;
  at?: { holder: JsonObject; member: string; index?: number; element: ElementDefinition; parent: Place };
};

/** The resource under the patch; `budget`: elements that paths may still walk over. */
export type Edit = { root: JsonObject; budget: number };

/** Levels of elements: beyond this a patch has been adding into what it added. */
const depthMax = 64;

/** The object of a complex element. */
export function objectAt(edit: Edit, place: Place): JsonObject {
  if (!place.at) return edit.root;
  const { holder, member, index } = place.at;
  const value = holder[member];
  return (index === undefined ? value : (value as Json[])[index]) as JsonObject;
}

/** The one element a path finds; undefined when it finds none. Failures: not a path, several elements, a computed value. */
export function find(edit: Edit, path: string): Result<Place | undefined> {
  const compiled = compile(path, { type: edit.root.resourceType as string });
  return compiled.ok ? run(edit, compiled.value) : compiled;
}

/** `holder.name` of a path to a list, which may be empty: the element that holds it, and its name. */
export function findList(edit: Edit, path: string): Result<{ holder: Place; name: string }> {
  const ast = parse(path);
  if (!ast.ok) return ast;
  if (ast.value.kind !== "member") return fail("value", "the path must name a list, such as Patient.identifier");
  const { on, name } = ast.value;
  if (on === undefined) return ok({ holder: { type: edit.root.resourceType as string, primitive: false }, name });
  const compiled = compileAst(on, path, { type: edit.root.resourceType as string });
  if (!compiled.ok) return compiled;
  const holder = run(edit, compiled.value);
  if (!holder.ok) return holder;
  return holder.value ? ok({ holder: holder.value, name }) : fail("not-found", "nothing is found that could hold the list");
}

function run(edit: Edit, evaluator: Evaluator): Result<Place | undefined> {
  const places = new Map<unknown, Place>();
  const root: Place = { type: edit.root.resourceType as string, primitive: false };
  const copy = marked(edit, edit.root, root, places, 0);
  if (edit.budget < 0) return fail("too-costly", "the resource is too large or too deep for so many operations");
  const found = evaluator.evaluate(copy as Resource);
  if (!found.ok) return found;
  if (found.value.length === 0) return ok(undefined);
  if (found.value.length > 1) return fail("multiple-matches", `the path finds ${found.value.length} elements; it must find one`);
  const [item] = found.value;
  const place = item instanceof Node ? places.get(item.twin ?? item.value) : undefined;
  return place ? ok(place) : fail("value", "the path answers a computed value, not an element of the resource");
}

function marked(edit: Edit, object: JsonObject, place: Place, places: Map<unknown, Place>, depth: number): JsonObject {
  const copy: JsonObject = {};
  if (depth > depthMax) edit.budget = -1;
  if (edit.budget < 0) return copy;
  places.set(copy, place);
  const definition = typeDefinition(place.type);
  for (const name of new Set(Object.keys(object).map(key => key.startsWith("_") ? key.slice(1) : key))) {
    edit.budget--;
    const found = definition?.members.get(name);
    const value = object[name], twin = object[`_${name}`];
    if (!found) {
      if (value !== undefined) copy[name] = plain(value);
      continue;
    }
    const one = (own: Json | undefined, beside: Json | undefined, index?: number): [Json | undefined, Json | undefined] => {
      const type = found.type === "Resource" && isJsonObject(own) && typeof own.resourceType === "string" ? own.resourceType : found.type;
      const primitive = typeDefinition(type)?.kind === "primitive";
      const inner: Place = { type, primitive, at: { holder: object, member: name, element: found.element, parent: place, ...(index === undefined ? {} : { index }) } };
      if (!primitive) return [isJsonObject(own) ? marked(edit, own, inner, places, depth + 1) : own, undefined];
      const mark = isJsonObject(beside) ? marked(edit, beside, { type: "Element", primitive: false, at: { holder: object, member: `_${name}`, element: found.element, parent: inner, ...(index === undefined ? {} : { index }) } }, places, depth + 1) : {};
      places.set(mark, inner);
      return [own === undefined ? undefined : plain(own), mark];
    };
    if (Array.isArray(value) || Array.isArray(twin)) {
      const values = Array.isArray(value) ? value : [], twins = Array.isArray(twin) ? twin : [];
      const pairs = Array.from({ length: Math.max(values.length, twins.length) }, (_, i) => { edit.budget--; return one(values[i], twins[i], i); });
      if (values.length > 0) copy[name] = pairs.map(([own]) => own ?? null);
      if (pairs.some(([, mark]) => mark !== undefined)) copy[`_${name}`] = pairs.map(([, mark]) => mark ?? null);
    } else {
      const [own, mark] = one(value, twin);
      if (own !== undefined) copy[name] = own;
      if (mark !== undefined) copy[`_${name}`] = mark;
    }
  }
  if (typeof object.resourceType === "string") copy.resourceType = object.resourceType;
  return copy;
}
