/**
 * The answer's objects while they are filled. With @flatten and @slice several elements give values to one name,
 * so a name gathers values and only `finish` decides whether they are a list.
 */
import type { FieldNode } from "graphql";
import type { Json, JsonObject } from "../resource.ts";
import { QueryFault, type Path } from "./fault.ts";

type Slot = { values: Json[]; list: boolean; singleton: boolean; node: FieldNode };

export class Output {
  private readonly slots = new Map<string, Slot>();

  put(key: string, value: Json, list: boolean, singleton: boolean, node: FieldNode): void {
    const slot = this.slots.get(key);
    if (!slot) {
      this.slots.set(key, { values: [value], list, singleton, node });
      return;
    }
    slot.values.push(value);
    slot.list ||= list;
    slot.singleton ||= singleton;
  }

  finish(path: Path): JsonObject {
    const object: JsonObject = {};
    for (const [key, { values, list, singleton, node }] of this.slots) {
      if (singleton && values.length > 1) throw new QueryFault(`@singleton: "${key}" has ${values.length} values`, node, { up: path, key });
      object[key] = list && !singleton || values.length > 1 ? values : values[0]!;
    }
    return object;
  }
}
