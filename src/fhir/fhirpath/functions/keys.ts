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
  const key = parseReference(reference);
  return key === undefined || (type !== undefined && key.type !== type) ? undefined : key.id;
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
