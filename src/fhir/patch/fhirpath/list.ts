/** Repeating elements: `given` and its `_given` are one list and change together. */
import type { Json, JsonObject } from "../../resource.ts";

export type Item = { value: Json | undefined; twin: JsonObject | undefined };

function arrays(holder: JsonObject, member: string): [Json[], Json[]] {
  const values = holder[member], twins = holder[`_${member}`];
  return [Array.isArray(values) ? values : [], Array.isArray(twins) ? twins : []];
}

export function lengthOf(holder: JsonObject, member: string): number {
  const [values, twins] = arrays(holder, member);
  return Math.max(values.length, twins.length);
}

/** Puts an item before `index`, which is at most the length. */
export function insertAt(holder: JsonObject, member: string, index: number, item: Item): void {
  change(holder, member, list => list.splice(index, 0, item));
}

export function replaceAt(holder: JsonObject, member: string, index: number, item: Item): void {
  change(holder, member, list => list.splice(index, 1, item));
}

export function removeAt(holder: JsonObject, member: string, index: number): Item {
  let removed: Item | undefined;
  change(holder, member, list => { [removed] = list.splice(index, 1); });
  return removed!;
}

/** Members without any item are taken away, as JSON in FHIR has no empty arrays. */
function change(holder: JsonObject, member: string, edit: (list: Item[]) => void): void {
  const [values, twins] = arrays(holder, member);
  const list: Item[] = Array.from({ length: Math.max(values.length, twins.length) }, (_, i) => ({ value: values[i] ?? undefined, twin: (twins[i] ?? undefined) as JsonObject | undefined }));
  edit(list);
  if (list.some(({ value }) => value !== undefined)) holder[member] = list.map(({ value }) => value ?? null);
  else delete holder[member];
  if (list.some(({ twin }) => twin !== undefined)) holder[`_${member}`] = list.map(({ twin }) => twin ?? null);
  else delete holder[`_${member}`];
}
