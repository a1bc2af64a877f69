/**
 * getResourceKey() and getReferenceKey([type]) of SQL on FHIR: equal where the reference points to the resource.
 * The key is the logical id. A reference that states no type and id (urn:, #contained, identifier only) has none.
 * Source: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html#required-additional-functions
 */
import { parseReference } from "../../resource.ts";
import type { JsonObject } from "../../resource.ts";
import { empty, Node, type Items } from "../values.ts";
import type { FunctionTable } from "./definition.ts";

/** Id a reference text points to; undefined when it points to none, or to a type other than `type`. */
export function referenceKey(reference: unknown, type?: string): string | undefined {
  if (typeof reference !== "string") return undefined;
  if (type !== undefined && reference.charCodeAt(type.length) === 47 && reference.startsWith(type) && isKey(reference, type.length + 1)) return reference.slice(type.length + 1);
  const key = parseReference(reference);
  return key === undefined || (type !== undefined && key.type !== type) ? undefined : key.id;
}

/** Whether an id, and nothing else, stands from `start` on; as isId, without making the text. */
function isKey(text: string, start: number): boolean {
  const length = text.length - start;
  if (length < 1 || length > 64) return false;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (!((c >= 97 && c <= 122) || (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || c === 45 || c === 46)) return false;
  }
  return true;
}

export const keys: FunctionTable = {
  getResourceKey: {
    min: 0, max: 0, result: "System.String",
    emit: ({ on }) => (focus, context) => on(focus, context).flatMap((item): Items => {
      const id = item instanceof Node ? (item.value as JsonObject | undefined)?.id : undefined;
      return typeof id === "string" ? [id] : empty;
    }),
  },
  getReferenceKey: {
    min: 0, max: 1, argument: "type", result: "System.String",
    emit: ({ on, type }) => (focus, context) => on(focus, context).flatMap((item): Items => {
      const key = item instanceof Node && item.type === "Reference" ? referenceKey((item.value as JsonObject).reference, type?.name) : undefined;
      return key === undefined ? empty : [key];
    }),
  },
};
