/**
 * Entries of a transaction or batch as typed requests. Every fault names its place as FHIRPath in the Bundle.
 * Source: https://hl7.org/fhir/R4/http.html#transaction
 */
import { isUtf8 } from "node:buffer";
import { fail, ok, type Failure, type FailureCode, type Result } from "#platform/result.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { bundleEntries, type BundleEntry } from "#fhir/json/bundle.ts";
import { parseDocument, type Document } from "#fhir/json/document.ts";
import { isId } from "#fhir/resource.ts";
import type { Patch } from "../record.ts";

export type Target = { id: string } | { query: string };
export type EntryRequest = { index: number; fullUrl?: string } & (
  | { method: "POST"; type: string; document: Document; ifNoneExist?: string }
  | { method: "PUT"; type: string; document: Document; target: Target; ifMatch?: number }
  | { method: "PATCH"; type: string; patch: Patch; target: Target; ifMatch?: number }
  | { method: "DELETE"; type: string; target: Target; ifMatch?: number }
  | { method: "GET"; type: string; target: { id: string; version?: number } | { query: string }; unless: Unless; /** HEAD: the status alone. */ head: boolean }
  | { method: "ASK"; verb: "GET" | "POST"; url: string; body?: string; head: boolean }
);

/** What the client holds already (conditional read). */
export type Unless = { "if-none-match"?: string; "if-modified-since"?: string };

/** Whatever else GET asks for (histories, compartments, operations, capabilities) is asked of whoever serves the base, by an address that never leaves it. */
const below = /^(?:(?!\.+(?:\/|\?|$))[\w$.*-]{1,128}(?:\/|(?=\?|$))){0,6}(?:\?.*)?$/s;
const operation = /^(?:[A-Za-z]+(?:\/[A-Za-z0-9.-]{1,64}(?:\/_history\/\d{1,9})?)?\/)?\$[A-Za-z][A-Za-z-]*(?:\?.*)?$/s;

const postedSearch = /^(?:[A-Za-z]+\/(?:[A-Za-z0-9.-]{1,64}\/(?:[A-Za-z]+|\*)\/)?)?_search(?:\?.*)?$/s;

export const entriesMax = 20_000;

/** `text`: without indentation. */
export type ParsedBundle = { type: "transaction" | "batch"; text: string; entries: readonly Result<EntryRequest>[] };

/** `bases`: absolute, of this node; addresses below them count as relative ones. */
export function parseBundle(text: string, bases: readonly string[] = []): Result<ParsedBundle> {
  const document = parseDocument(text, { condensed: true });
  if (!document.ok) return document;
  const { type } = document.value.value;
  const entries = bundleEntries(document.value);
  if (!entries.ok) return entries;
  if (type !== "transaction" && type !== "batch") return failAt("value", "Bundle.type", `A Bundle sent to the server is a transaction or a batch, this is ${type === undefined ? "without type" : `"${String(type).slice(0, 40)}"`}`);
  if (entries.value.length > entriesMax) return fail("too-costly", `The Bundle has ${entries.value.length} entries; at most ${entriesMax} are taken at once`);
  return ok({ type, text: document.value.text, entries: entries.value.map((entry) => requestOf(entry, bases)) });
}

export function failAt(code: FailureCode, expression: string, text: string): { ok: false; failure: Failure } {
  return fail(code, `${expression}: ${text}`, [{ severity: "error", code, text, expression }]);
}

/** If-None-Exist is what follows "?"; clients also send the whole of Type?condition. */
export function conditionText(type: string, sent: string): string {
  return sent.replace(new RegExp(`^(?:${type})?\\?`), "");
}

/** A fault inside an entry's resource, with its place in the Bundle. */
export function inEntry(failure: Failure, index: number): Failure {
  const place = `Bundle.entry[${index}]`;
  const issues = (failure.issues ?? [{ severity: "error" as const, code: failure.code, text: failure.text }]).map((issue) => ({
    ...issue, expression: issue.expression?.startsWith("Bundle.entry[") ? issue.expression : `${place}${issue.expression ? `.resource${issue.expression.replace(/^[A-Z][A-Za-z]*(?=\.|$)/, "").replace(/^(?=[^.])/, ".")}` : ""}`,
  }));
  return { code: failure.code, text: failure.text.startsWith("Bundle.entry[") ? failure.text : `${place}: ${failure.text}`, issues };
}

/** A fault of what an entry asks for, with its place in the Bundle. */
export function inRequest({ code, text }: Failure, index: number): Failure {
  return failAt(code, `Bundle.entry[${index}].request.url`, text).failure;
}

function requestOf(entry: BundleEntry, bases: readonly string[]): Result<EntryRequest> {
  const at = `Bundle.entry[${entry.index}].request`;
  const { request, fullUrl, index, document, fault } = entry;
  if (fault) return fail("structure", fault.text, [{ severity: "error", code: "structure", ...fault }]);
  if (!request) return failAt("required", at, "the entry says no request; method and url are needed");
  const base = fullUrl === undefined ? { index } : { index, fullUrl };
  const ifMatch = request.ifMatch === undefined ? undefined : /^(?:W\/)?"?(\d{1,9})"?$/.exec(request.ifMatch)?.[1];
  if (request.ifMatch !== undefined && ifMatch === undefined) return failAt("value", `${at}.ifMatch`, `"${request.ifMatch.slice(0, 40)}" is no version such as W/"2"`);
  if (request.ifNoneMatch !== undefined && request.method === "PUT" && request.ifNoneMatch.trim() !== "*") return failAt("not-supported", `${at}.ifNoneMatch`, "ifNoneMatch of a PUT takes * alone: create, never update");
  const own = bases.find((one) => request.url.startsWith(`${one}/`));
  const relative = request.url.slice(own?.length ?? 0).replace(/^\//, "");
  if (request.method === "POST" && operation.test(relative)) return ok({ ...base, method: "ASK", verb: "POST", url: relative, head: false, ...(document ? { body: document.text } : {}) });
  if (request.method === "GET" || request.method === "HEAD") return readingOf(base, relative, request, at);
  // A search that is posted changes nothing; here its parameters stand in the address.
  if (request.method === "POST" && postedSearch.test(relative)) return ok({ ...base, method: "ASK", verb: "GET", url: relative, head: false });
  // Version 0 is the one before the first: a resource that exists cannot be at it. As a tag it names no version.
  const match = ifMatch !== undefined ? { ifMatch: Number(ifMatch) || -1 } : request.ifNoneMatch !== undefined && request.method === "PUT" ? { ifMatch: 0 } : {};
  const url = targetOf(relative, at);
  if (!url.ok) return url;
  const { type, id, version, query } = url.value;
  const target = id === undefined ? query === undefined ? undefined : { query } : { id };
  switch (request.method) {
    case "POST":
      if (id !== undefined || query !== undefined) return failAt("value", `${at}.url`, `POST takes a type alone, found "${request.url.slice(0, 80)}"`);
      if (!document) return failAt("required", `Bundle.entry[${index}].resource`, "POST needs a resource");
      return ok({ ...base, method: "POST", type, document, ...(request.ifNoneExist === undefined ? {} : { ifNoneExist: conditionText(type, request.ifNoneExist) }) });
    case "PUT":
      if (!target || version !== undefined) return failAt("value", `${at}.url`, `PUT takes Type/id or Type?condition, found "${request.url.slice(0, 80)}"`);
      if (!document) return failAt("required", `Bundle.entry[${index}].resource`, "PUT needs a resource");
      return ok({ ...base, method: "PUT", type, document, target, ...match });
    case "PATCH": {
      if (!target || version !== undefined) return failAt("value", `${at}.url`, `PATCH takes Type/id or Type?condition, found "${request.url.slice(0, 80)}"`);
      const patch = patchOf(document, `Bundle.entry[${index}].resource`);
      return patch.ok ? ok({ ...base, method: "PATCH", type, patch: patch.value, target, ...match }) : patch;
    }
    case "DELETE":
      if (!target || version !== undefined) return failAt("value", `${at}.url`, `DELETE takes Type/id or Type?condition, found "${request.url.slice(0, 80)}"`);
      return ok({ ...base, method: "DELETE", type, target, ...match });
    default:
      return failAt("not-supported", `${at}.method`, `"${request.method.slice(0, 20)}" is not supported; GET, HEAD, POST, PUT, PATCH and DELETE are`);
  }
}

function readingOf(base: { index: number; fullUrl?: string }, relative: string, request: NonNullable<BundleEntry["request"]>, at: string): Result<EntryRequest> {
  const head = request.method === "HEAD";
  const url = targetOf(relative, at);
  if (url.ok) {
    const { type, id, version, query = "" } = url.value;
    return ok({ ...base, method: "GET", type, target: id === undefined ? { query } : version === undefined ? { id } : { id, version }, unless: unlessOf(request), head });
  }
  return below.test(relative) && relative !== "" ? ok({ ...base, method: "ASK", verb: "GET", url: relative, head }) : url;
}

/** In a Bundle the date is an instant. */
function unlessOf({ ifNoneMatch, ifModifiedSince: instant }: NonNullable<BundleEntry["request"]>): Unless {
  const at = instant === undefined ? NaN : Date.parse(instant), ifModifiedSince = Number.isNaN(at) ? undefined : new Date(at).toUTCString();
  return { ...(ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch }), ...(ifModifiedSince === undefined ? {} : { "if-modified-since": ifModifiedSince }) };
}

const patchForms: Readonly<Record<string, Patch["form"] | undefined>> = { __proto__: null as never, "application/json-patch+json": "json-patch", "application/xml-patch+xml": "xml-patch" };

/** A patch in a Bundle is a Parameters, or a Binary that carries the text of a JSON or XML Patch. Source: https://hl7.org/fhir/R4/http.html#patch */
function patchOf(document: Document | undefined, at: string): Result<Patch> {
  if (document?.value.resourceType === "Parameters") return ok({ form: "fhirpath-patch", text: document.text });
  if (document?.value.resourceType !== "Binary") return failAt("required", at, "PATCH needs a Parameters (FHIRPath Patch), or a Binary with a JSON Patch or XML Patch in data");
  const { contentType, data } = document.value;
  const form = patchForms[String(contentType).split(";")[0]!.trim().toLowerCase()];
  if (!form) return failAt("not-supported", `${at}.contentType`, `a patch is ${Object.keys(patchForms).join(" or ")}, not "${String(contentType).slice(0, 60)}"`);
  if (typeof data !== "string" || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data)) return failAt("value", `${at}.data`, "the patch stands in data, as base64");
  const bytes = Buffer.from(data, "base64");
  return isUtf8(bytes) ? ok({ form, text: bytes.toString("utf8") }) : failAt("value", `${at}.data`, "the patch is not UTF-8");
}

function targetOf(url: string, at: string): Result<{ type: string; id?: string; version?: number; query?: string }> {
  const match = /^([A-Za-z]+)(?:\/([^/?]+)(?:\/_history\/(\d{1,9}))?)?\/?(?:\?(.*))?$/s.exec(url);
  if (!match || !isResourceType(match[1]!)) return failAt("value", `${at}.url`, `"${url.slice(0, 80)}" names no resource type of FHIR R4 (relative urls, or those of this server)`);
  const [, type, id, version, query] = match;
  if (id !== undefined && (!isId(id) || query !== undefined)) return failAt("value", `${at}.url`, `"${url.slice(0, 80)}" is no Type/id`);
  return ok({ type: type!, ...(id === undefined ? {} : { id }), ...(version === undefined ? {} : { version: Number(version) }), ...(query === undefined ? {} : { query }) });
}
