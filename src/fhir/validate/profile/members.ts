/** Occurrences of an element in the object that holds it: the JSON member, its twin, and the member of a choice that is there. */
import { typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import type { Container } from "../context.ts";
import { isObject } from "./run.ts";

export type Occurrence = {
  value: unknown;
  /** `_name`: id and extensions of a primitive. */
  twin: Container | undefined;
  /** The type stated by the choice, the resource, or the definition: "Quantity", "Patient", "Observation.component". */
  type: string;
  /** -1 outside of lists. */
  position: number;
};

export function occurrencesOf(holder: Container, element: ElementDefinition): Occurrence[] {
  const found: Occurrence[] = [];
  for (const { name, type } of element.members) {
    const value = holder[name], twin = holder[`_${name}`];
    if (value === undefined && twin === undefined) continue;
    if (Array.isArray(value) || Array.isArray(twin)) {
      const values = Array.isArray(value) ? value : [], twins = Array.isArray(twin) ? twin : [];
      for (let i = 0; i < Math.max(values.length, twins.length); i++) found.push(occurrence(values[i], twins[i], type, i));
    } else found.push(occurrence(value, twin, type, -1));
  }
  return found;
}

function occurrence(value: unknown, twin: unknown, type: string, position: number): Occurrence {
  return { value: value ?? undefined, twin: isObject(twin) ? twin : undefined, type: typeOf(value, type), position };
}

/** How many there are, without making them. */
export function countOf(holder: Container, element: ElementDefinition): number {
  let count = 0;
  for (const { name } of element.members) {
    const value = holder[name] ?? holder[`_${name}`];
    if (value !== undefined) count += Array.isArray(value) ? Math.max(value.length, lengthOf(holder[`_${name}`])) : 1;
  }
  return count;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

export function typeOf(value: unknown, declared: string): string {
  return declared === "Resource" && isObject(value) && typeof value.resourceType === "string" ? value.resourceType : declared;
}

/** Members of one occurrence by element name ("value" or "value[x]"). */
export function membersOf({ value, twin, type }: Occurrence, name: string): Occurrence[] {
  const plain = name.endsWith("[x]") ? name.slice(0, -3) : name;
  const holder = isObject(value) ? value : twin;
  const definition = typeDefinition(isObject(value) ? type : "Element");
  if (!holder || !definition) return [];
  const element = definition.byName.get(plain);
  if (element) return occurrencesOf(holder, element);
  // "valueQuantity": one member of the choice.
  const member = definition.members.get(plain);
  return member ? occurrencesOf(holder, { ...member.element, members: [{ name: plain, type: member.type }] }) : [];
}

/** What tells one occurrence from another while it is being checked; a primitive without a twin has none. */
export function occurrenceKey({ value, twin }: Occurrence): object | undefined {
  return isObject(value) ? value : twin;
}
