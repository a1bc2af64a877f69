/**
 * `descendants().linkId`: the walk goes only where R4's definitions allow such a member somewhere below, and looks at
 * objects alone. What is found is the same, in the same order, as if all descendants had been gathered first.
 */
import type { JsonObject } from "../resource.ts";
import { isResourceType, typeDefinition } from "../definitions/load.ts";
import { compilePath, isAnyResource, type Push, type Step } from "./path.ts";
import { EvaluationFault, isPrimitive, isPrimitiveKind, Node, type Item, type Items } from "./values.ts";

/** Most items descendants() may gather. */
const descendantsMax = 1_000_000;

export function boundDescendants(count: number): void {
  if (count > descendantsMax) throw new EvaluationFault(`descendants() found more than ${descendantsMax} items`);
}

/** Appends what a path finds on all descendants of the items; answers how many objects were visited. */
export type Descent = (items: Items, out: Item[]) => number;

/** Objects of one type on the way; made ready when the first of them is met. */
class Station {
  readonly type: string;
  ready = false;
  wanted: Push | undefined;
  /** The members to go on with, and what stands there. */
  readonly onward = new Map<string, Station>();
  /** The same where there is but one. */
  only: { name: string; station: Station } | undefined;
  constructor(type: string) {
    this.type = type;
  }
}

/** Only the data tell the type. */
const anyResource = new Station("Resource");

/** Objects found and not yet entered, each with its station. */
type Queue = { objects: JsonObject[]; stations: Station[] };

export function compileDescent(steps: readonly Step[]): Descent {
  const stations = new Map<string, Station>();

  function stationOf(type: string): Station {
    let station = stations.get(type);
    if (station === undefined) stations.set(type, station = new Station(type));
    return station;
  }

  function makeReady(station: Station): void {
    station.ready = true;
    station.wanted = compilePath(station.type, steps);
    for (const [name, member] of typeDefinition(station.type)?.members ?? []) {
      const below = objectType(member.type);
      // An object's id and extensions where it is a primitive: `_given` beside `given`.
      if (leadsTo(below, steps[0]!.name)) station.onward.set(below === member.type ? name : `_${name}`, isAnyResource(below) ? anyResource : stationOf(below));
    }
    for (const [name, next] of station.onward) if (station.onward.size === 1) station.only = { name, station: next };
  }

  function enter(object: JsonObject, station: Station, queue: Queue): void {
    if (!station.ready) makeReady(station);
    const { only, onward } = station;
    if (only !== undefined) addAll(object[only.name], only.station, queue);
    else if (onward.size > 0) for (const key in object) {
      const next = onward.get(key);
      if (next !== undefined) addAll(object[key], next, queue);
    }
  }

  function addAll(value: unknown, station: Station, queue: Queue): void {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) add(value[i], station, queue);
    else add(value, station, queue);
  }

  function add(value: unknown, station: Station, { objects, stations: at }: Queue): void {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    objects.push(value as JsonObject);
    at.push(station === anyResource ? byData(value as JsonObject) : station);
  }

  function byData({ resourceType }: JsonObject): Station {
    return stationOf(typeof resourceType === "string" && isResourceType(resourceType) ? resourceType : anyResource.type);
  }

  return (items, out) => {
    const queue: Queue = { objects: [], stations: [] };
    for (const item of items) {
      if (!(item instanceof Node)) continue;
      const primitive = isPrimitiveKind(item.kind);
      const object = primitive ? item.twin : item.value;
      if (typeof object === "object" && object !== null) enter(object as JsonObject, stationOf(primitive ? "Element" : item.type), queue);
    }
    for (let i = 0; i < queue.objects.length; i++) {
      const object = queue.objects[i]!;
      const station = queue.stations[i]!;
      enter(object, station, queue);
      station.wanted?.(object, out);
      boundDescendants(queue.objects.length);
    }
    return queue.objects.length;
  };
}

/** Type of the object in which a member's own members stand. */
function objectType(type: string): string {
  return isPrimitive(type) ? "Element" : type;
}

const reached = new Map<string, ReadonlySet<string>>();

/** Types of the objects that can stand in one of this type, itself included. */
function typesWithin(type: string): ReadonlySet<string> {
  const known = reached.get(type);
  if (known) return known;
  const types = new Set([type]);
  // A Set is gone over in the order of insertion, with what is added on the way.
  for (const each of types) for (const member of typeDefinition(each)?.members.values() ?? []) types.add(objectType(member.type));
  reached.set(type, types);
  return types;
}

function leadsTo(type: string, name: string): boolean {
  for (const each of typesWithin(type)) if (isAnyResource(each) || typeDefinition(each)?.byName.has(name)) return true;
  return false;
}
