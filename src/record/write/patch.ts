/**
 * A patch put onto the version it replaces: read through the caller's filter inside the writing transaction, so that
 * a patch tells nothing of what its sender may not read, and never undoes what another writer did meanwhile.
 * Source: https://hl7.org/fhir/R4/http.html#patch
 */
import { fail, ok, unreachable, type Failure, type Result } from "#platform/result.ts";
import { findConditionalReference } from "#fhir/json/conditional-references.ts";
import { parseDocument, type Document } from "#fhir/json/document.ts";
import { parseLiterals } from "#fhir/json/literals.ts";
import { fhirPathPatchText } from "#fhir/patch/fhirpath/fhirpath-patch.ts";
import { jsonPatchText } from "#fhir/patch/json/json-patch.ts";
import { withoutStaleNarrative } from "#fhir/patch/narrative.ts";
import { xmlPatchText } from "#fhir/patch/xml/xml-patch.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { readCurrentVersion } from "../read/read.ts";
import type { Caller, Patch } from "../record.ts";
import type { Queryable } from "../sql.ts";
import { faultOf, type Draft } from "./draft.ts";

/** `base`: when the version that was patched was written. */
export type Patched = { document: Document; base: number };

/**
 * Failures: not-found, deleted; precondition (If-Match); those of the patch's own text; `conflict` where a test fails or
 * something is there already; `processing` (422) where a place is not there, or the result would be no valid resource.
 */
export async function patched(tx: Queryable, caller: Caller, key: ResourceKey, patch: Patch, options: { ifMatch?: number; validate?: boolean; /** Whether references that are searches are resolved afterwards. */ resolves?: boolean } = {}): Promise<Result<Patched>> {
  const reference = `${key.type}/${key.id}`;
  const { result: found } = await readCurrentVersion(tx, caller, key);
  switch (found.kind) {
    case "absent": return fail("not-found", `${reference} is not known; a patch changes what is there`);
    case "deleted": return fail("deleted", `${reference} was deleted; bring it back with PUT`);
    case "current": break;
    default: return unreachable(found);
  }
  const { version, lastUpdated, text } = found.stored;
  if (options.ifMatch !== undefined && options.ifMatch !== version)
    return fail("precondition", `If-Match asks for version ${options.ifMatch} of ${reference}, the current one is ${version}; read it again and repeat the change`);
  const applied = apply(text, patch);
  if (!applied.ok) return { ok: false, failure: unprocessable.has(applied.failure.code) ? { ...applied.failure, code: "processing" } : applied.failure };
  const told = withoutStaleNarrative(text, applied.value);
  if (!told.ok) return told;
  const document = parseDocument(unlessSame(text, told.value));
  if (!document.ok) return { ok: false, failure: spoilt(document.failure) };
  const open = options.resolves ? undefined : findConditionalReference(document.value.text);
  if (open && !text.includes(open.link)) return fail("processing", `${open.expression}: "${open.link.slice(0, 200)}" is a search, which only a Bundle (transaction) resolves in a reference`);
  const fault = faultOf(document.value, key.type, key.id, options.validate ?? true);
  return fault ? { ok: false, failure: spoilt(fault) } : ok({ document: document.value, base: Date.parse(lastUpdated) });
}

export function patchDraft({ type, id }: ResourceKey, { document: { text, span, value }, base }: Patched): Draft {
  return { kind: "update", type, id, fresh: false, base, document: { text, span }, value };
}

/** What a sound patch asks of a resource that is not so. */
const unprocessable = new Set<Failure["code"]>(["not-found", "multiple-matches"]);

function apply(resource: string, { form, text }: Patch): Result<string> {
  switch (form) {
    case "json-patch": return jsonPatchText(resource, text);
    case "fhirpath-patch": return fhirPathPatchText(resource, text);
    case "xml-patch": return xmlPatchText(resource, text);
    default: return unreachable(form);
  }
}

function spoilt(failure: Failure): Failure {
  return { ...failure, code: "processing", text: `The patched resource: ${failure.text}` };
}

/** The stored text itself where a patch changed no more than the spaces between tokens. */
function unlessSame(stored: string, result: string): string {
  const parsed = parseLiterals(stored);
  return parsed.ok && JSON.stringify(parsed.value) === result ? stored : result;
}
