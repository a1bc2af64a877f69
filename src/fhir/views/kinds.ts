/** Column types: the FHIR type declared or inferred, and the physical kind that CSV, Parquet and Arrow need. */
import { typeDefinition } from "../definitions/load.ts";
import type { Static } from "../fhirpath/plan.ts";
import { isPrimitive } from "../fhirpath/values.ts";

/** `integer` is 32 bits, `decimal` a double; dates stay text, since FHIR's may be partial; `json` is a structure as text. */
export type Kind = "boolean" | "integer" | "decimal" | "text" | "json";

const systemNames: Readonly<Record<string, string>> = { Boolean: "boolean", Integer: "integer", Decimal: "decimal", String: "string", Date: "date", DateTime: "dateTime", Time: "time", Quantity: "Quantity" };

/** "string" of "http://hl7.org/fhir/StructureDefinition/string", "System.String" or "string"; undefined: R4 has no such type. */
export function typeName(stated: string): string | undefined {
  const last = stated.slice(stated.lastIndexOf("/") + 1);
  const name = last.startsWith("System.") ? systemNames[last.slice(7)] : last.startsWith("FHIR.") ? last.slice(5) : last;
  return name !== undefined && (name === "integer64" || typeDefinition(name) !== undefined) ? name : undefined;
}

export function kindOf(type: string): Kind {
  switch (type) {
    case "boolean": return "boolean";
    case "integer": case "unsignedInt": case "positiveInt": return "integer";
    case "decimal": case "integer64": return "decimal";
    default: return isPrimitive(type) ? "text" : "json";
  }
}

/** The one type of a path's static types; undefined when there are several or none is known. */
export function inferType(types: Static): string | undefined {
  if (types === undefined || types.length !== 1) return undefined;
  return types[0] === "Any" ? undefined : typeName(types[0]!);
}
