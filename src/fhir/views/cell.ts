/** What an item found by FHIRPath is in a row: JSON. Dates stay text as written; a quantity with unit is its FHIR form. */
import { Decimal } from "../fhirpath/decimal.ts";
import { Temporal } from "../fhirpath/temporal.ts";
import { Node, Quantity, TypeInfo, type Item } from "../fhirpath/values.ts";

/** `null`: no value. A structure is the resource's own JSON: copy before changing it. */
export type Cell = null | boolean | number | string | object;

export function cellOf(item: Item): Cell {
  if (item instanceof Node) return plain(item.value);
  if (item instanceof Decimal) return item.n;
  if (item instanceof Temporal) return item.text;
  if (item instanceof Quantity) return item.calendar ? { value: item.value.n, unit: item.unit } : { value: item.value.n, system: "http://unitsofmeasure.org", code: item.unit };
  if (item instanceof TypeInfo) return `${item.namespace}.${item.name}`;
  return item;
}

/** JSON without the Decimals that stand for numbers where digits are kept (read.ts). */
function plain(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value as Cell;
  if (value instanceof Decimal) return value.n;
  return holdsDecimal(value) ? JSON.parse(JSON.stringify(value, (_, inner: unknown) => inner instanceof Decimal ? inner.n : inner)) as object : value;
}

function holdsDecimal(value: object): boolean {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null && (inner instanceof Decimal || holdsDecimal(inner))) return true;
  return false;
}
