/** Occurrences of an element in the object that holds it: the JSON member, its twin, and the member of a choice that is there. */
import { typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { isPrimitive } from "../../fhirpath/values.ts";
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

/** JSON member of an element, or of one type of a choice; only primitives have a twin. */
type Slot = { name: string; twin: string | undefined; type: string };

const slots = new WeakMap<ElementDefinition, readonly Slot[]>();

function slotsOf(element: ElementDefinition): readonly Slot[] {
  let found = slots.get(element);
  if (!found) slots.set(element, found = element.members.map(({ name, type }) => ({ name, twin: isPrimitive(type) ? `_${name}` : undefined, type })));
  return found;
}

/** Reads the occurrences of one element from whatever holds them. */
export type Reader = {
  /** How many there are, without making them. */
  count(holder: Container): number;
  occurrences(holder: Container): Occurrence[];
};

export function readerOf(element: ElementDefinition): Reader {
  const own = slotsOf(element);
  return {
    count(holder) {
      let count = 0;
      for (let i = 0; i < own.length; i++) {
        const { name, twin } = own[i]!;
        const value = holder[name], beside = twin === undefined ? undefined : holder[twin];
        if (value === undefined && beside === undefined) continue;
        count += Array.isArray(value) ? Math.max(value.length, lengthOf(beside)) : Array.isArray(beside) ? beside.length : 1;
      }
      return count;
    },
    occurrences: (holder) => read(holder, own),
  };
}

function read(holder: Container, own: readonly Slot[]): Occurrence[] {
  const found: Occurrence[] = [];
  for (let k = 0; k < own.length; k++) {
    const { name, twin, type } = own[k]!;
    const value = holder[name], beside = twin === undefined ? undefined : holder[twin];
    if (value === undefined && beside === undefined) continue;
    if (Array.isArray(value) || Array.isArray(beside)) {
      const values = Array.isArray(value) ? value : [], twins = Array.isArray(beside) ? beside : [];
      for (let i = 0; i < Math.max(values.length, twins.length); i++) found.push(occurrence(values[i], twins[i], type, i));
    } else found.push(occurrence(value, beside, type, -1));
  }
  return found;
}

function occurrence(value: unknown, twin: unknown, type: string, position: number): Occurrence {
  return { value: value ?? undefined, twin: isObject(twin) ? twin : undefined, type: typeOf(value, type), position };
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
  if (element) return read(holder, slotsOf(element));
  // "valueQuantity": one member of the choice.
  const member = definition.members.get(plain);
  return member ? read(holder, slotsOf(member.element).filter(({ name: own }) => own === plain)) : [];
}

/** What tells one occurrence from another while it is being checked; a primitive without a twin has none. */
export function occurrenceKey({ value, twin }: Occurrence): object | undefined {
  return isObject(value) ? value : twin;
}
