/** The body of a FHIR write: JSON as the bytes came, so that number literals and member order survive; XML as the JSON it stands for. */
import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";
import { findConditionalReference } from "#fhir/json/conditional-references.ts";
import { withOwnReferences } from "#fhir/json/own-references.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import type { Patch } from "#record/record.ts";
import { jsonTypes, mediaRange, patchTypes, xmlTypes } from "../http/forms.ts";
import { binaryText, bytesMax, bytesType } from "./binary.ts";
import { ownBases } from "./responses.ts";

/** A query by itself, as $graphql takes it. */
export const graphqlType = "application/graphql";
const lineTypes = ["application/fhir+ndjson", "application/ndjson", "application/x-ndjson"];

export const bodyBytesMax: number = 64 * 1024 * 1024;

export function acceptFhirBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...jsonTypes, ...xmlTypes, ...Object.keys(patchTypes), graphqlType], { parseAs: "buffer", bodyLimit: bodyBytesMax }, (_request, body, done) => done(null, body));
  app.addContentTypeParser(bytesType, { parseAs: "buffer", bodyLimit: bytesMax }, (_request, body, done) => done(null, body));
  // Of any length: read line by line by the operation that takes them.
  app.addContentTypeParser(lineTypes, (request, payload, done) => {
    if (isCall(request)) done(null, payload);
    else done(noResource());
  });
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string", bodyLimit: 1 << 20 }, (request, body, done) => {
    if (isCall(request)) done(null, body);
    else done(noResource());
  });
}

/** Of a search or an operation; elsewhere a resource is wanted. */
function isCall({ routeOptions: { url = "" } }: FastifyRequest): boolean {
  return /\/(?:_search|\$[\w-]+)$/.test(url);
}

function noResource(): Error {
  return Object.assign(new Error("no resource"), { code: "FST_ERR_CTP_INVALID_MEDIA_TYPE" });
}

function typeOf(request: FastifyRequest): string {
  return mediaRange(request.headers["content-type"] ?? "").type;
}

/** A resource as JSON text, whichever form it came in. */
export function bodyText(request: FastifyRequest): Result<string> {
  return xmlTypes.includes(typeOf(request)) && Buffer.isBuffer(request.body) && request.body.length > 0 ? jsonFromXml(request.body) : rawText(request);
}

/** `searches`: some of its references are searches, which the writing transaction resolves. */
export type SentResource = { text: string; searches: boolean };

/** What a create or update stores, under the `id` of the address: references to this node as relative ones. */
export function resourceText(request: FastifyRequest, type: string, id?: string): Result<SentResource> {
  const text = type === "Binary" ? binaryText(request, () => bodyText(request), id) : bodyText(request);
  if (!text.ok) return text;
  return ok(type === "Bundle" ? { text: text.value, searches: false } : { text: withOwnReferences(text.value, ownBases(request)), searches: findConditionalReference(text.value) !== undefined });
}

function rawText(request: FastifyRequest): Result<string> {
  const body = request.body;
  if (!Buffer.isBuffer(body) || body.length === 0) return fail("invalid", "The request has no body: send the resource as application/fhir+json.");
  if (!isUtf8(body)) return fail("invalid", "The body is not valid UTF-8: encode it as UTF-8.");
  const text = body.toString("utf8");
  return ok(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}

/** The patch that its Content-Type says it is. Source: https://hl7.org/fhir/R4/http.html#patch */
export function bodyPatch(request: FastifyRequest): Result<Patch> {
  const type = typeOf(request);
  const form = type in patchTypes ? patchTypes[type as keyof typeof patchTypes] : "fhirpath-patch";
  const text = form === "fhirpath-patch" ? bodyText(request) : rawText(request);
  return text.ok ? ok({ form, text: form === "xml-patch" ? text.value : withOwnReferences(text.value, ownBases(request)) }) : text;
}
