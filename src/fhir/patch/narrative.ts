/**
 * The narrative of a patched resource. A patch that changes data and leaves the narrative would let it say what the
 * data no longer do; a server SHALL see that this does not happen. One that is generated from the data goes, and can
 * be generated again; one that says more than the data must be patched with them.
 * Source: https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/narrative.html#Narrative
 */
import { isDeepStrictEqual } from "node:util";
import { fail, ok, type Result } from "#platform/result.ts";
import { isJsonObject, parseLiterals } from "../json/literals.ts";
import type { Json, JsonObject } from "../resource.ts";

/** `before`, `after`: the resource as JSON text. Answers `after`, without its narrative where that no longer fits. */
export function withoutStaleNarrative(before: string, after: string): Result<string> {
  if (!after.includes('"text"')) return ok(after);
  const [old, patched] = [objectOf(before), objectOf(after)];
  if (!old || !patched || !isJsonObject(patched.text) || !isDeepStrictEqual(old.text, patched.text)) return ok(after);
  const { text, ...data } = patched;
  if (isDeepStrictEqual(dataOf(old), dataOf(patched))) return ok(after);
  switch (text.status) {
    case "empty": return ok(after);
    case "additional": return fail("processing", "The narrative says more than the data (text.status is additional) and would no longer fit them; patch text too, or send the whole resource with PUT");
    default: return ok(JSON.stringify(data));
  }
}

function objectOf(text: string): JsonObject | undefined {
  const parsed = parseLiterals(text);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

function dataOf({ text: _, meta: __, ...data }: JsonObject): Json {
  return data;
}
