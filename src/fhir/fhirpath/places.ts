/** Where in a resource the items of a result stand, as FHIRPath: Patient.name[0].given[1]. */
import { ok, type Result } from "#platform/result.ts";
import { typeDefinition } from "../definitions/load.ts";
import type { JsonObject, Resource } from "../resource.ts";
import type { Environment, Evaluator } from "./compile.ts";
import { noting, type Origin } from "./path.ts";
import { Node, type Item } from "./values.ts";

/** `path` is undefined for what was computed, and for what stands in another resource. */
export type Placed = { item: Item; path: string | undefined };

/** As `evaluator.evaluate`, with the place of every item; slower, for people to read. */
export function evaluateWithPlaces(evaluator: Evaluator, resource: Resource, environment?: Environment): Result<Placed[]> {
  const origins = new WeakMap<Node, Origin>();
  const result = noting(origins, () => evaluator.evaluate(resource, environment));
  if (!result.ok) return result;
  const places = result.value.some((item) => item instanceof Node) ? placesOf(resource) : new Map<unknown, Place>();
  return ok(result.value.map((item) => ({ item, path: item instanceof Node ? pathOf(item, places, origins) : undefined })));
}

type Place = { path: string; type: string | undefined };

function pathOf(node: Node, places: ReadonlyMap<unknown, Place>, origins: WeakMap<Node, Origin>): string | undefined {
  const own = places.get(node.value);
  if (own !== undefined) return own.path;
  const origin = origins.get(node);
  const holder = origin && places.get(origin.holder);
  return holder && `${holder.path}.${elementName(holder.type, origin.property)}${origin.index === undefined ? "" : `[${origin.index}]`}`;
}

/** valueString → value */
function elementName(type: string | undefined, member: string): string {
  return (type === undefined ? undefined : typeDefinition(type)?.members.get(member)?.element.name) ?? member;
}

/** Every object of the resource by identity, without recursion. */
function placesOf(resource: Resource): Map<unknown, Place> {
  const places = new Map<unknown, Place>();
  const open: { value: JsonObject; place: Place }[] = [{ value: resource as JsonObject, place: { path: resource.resourceType, type: resource.resourceType } }];
  for (let top = open.pop(); top; top = open.pop()) {
    const { value: object, place } = top;
    places.set(object, place);
    for (const [key, value] of Object.entries(object)) {
      const twin = key.startsWith("_");
      const name = twin ? key.slice(1) : key;
      const path = `${place.path}.${elementName(place.type, name)}`;
      const declared = twin ? "Element" : place.type === undefined ? undefined : typeDefinition(place.type)?.members.get(name)?.type;
      (Array.isArray(value) ? value : [value]).forEach((inner, i) => {
        if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return;
        const type = typeof inner.resourceType === "string" ? inner.resourceType : declared;
        open.push({ value: inner, place: { path: Array.isArray(value) ? `${path}[${i}]` : path, type } });
      });
    }
  }
  return places;
}
