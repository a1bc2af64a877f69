/**
 * Binary as what it holds: read as its bytes by who asks for no FHIR form, written from bytes of any type.
 * What is stored stays a FHIR resource. Source: https://hl7.org/fhir/R4/binary.html#rest
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { parseReference } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Stored } from "#record/record.ts";
import { jsonTypes, mediaRange, xmlTypes } from "../http/forms.ts";
import { basePath, etag } from "./responses.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Of a Binary that is sent as its bytes: their type. */
    bytesType?: string;
    /** Of a Binary that is read: what Accept names are JSON or XML, not FHIR. */
    plainForms?: readonly Language[];
  }
}

export const bytesType = "application/octet-stream";
/** As base64 they are a third longer. */
export const bytesMax: number = 45 * 1024 * 1024;
const place = `${basePath}/Binary`;
/** A FHIR form, by any of its names. */
const fhirForm = /(?:application|text)\/(?:fhir\+)?(?:json|xml)\b|application\/(?:json|xml)\+fhir/i;
type Language = "json" | "xml";
const languages: readonly Language[] = ["json", "xml"];
const ofLanguage: Readonly<Record<Language, RegExp>> = { json: /^(?:application|text)\/(?:[\w.-]+\+)?json\b/i, xml: /^(?:application|text)\/(?:[\w.-]+\+)?xml\b/i };
const mimeType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(?:\s*;[\t\x20-\x7e]{0,200})?$/i;

/** Before the form of the answer is negotiated and the body is read. */
export function binaryBodies(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const url = request.raw.url ?? "";
    if (!url.startsWith(place)) { done(); return; }
    const [path = "", query = ""] = url.slice(place.length).split("?");
    const { accept, "content-type": sent } = request.headers;
    switch (request.method) {
      case "GET": case "HEAD":
        if (!/^\/[^/$_]+(?:\/_history\/[^/]+)?\/?$/.test(path) || /(?:^|&)_(?:format|pretty|summary|elements)=/.test(query)) break;
        if (!fhirForm.test(accept ?? "")) request.anyForm = true;
        else if (!/fhir/i.test(accept!)) request.plainForms = languages.filter((language) => new RegExp(`\\b${language}\\b`, "i").test(accept!));
        break;
      case "POST": case "PUT": {
        const type = sent === undefined ? "" : mediaRange(sent).type;
        if (sent === undefined || path.includes("$") || path.includes("_search") || jsonTypes.includes(type) || xmlTypes.includes(type)) break;
        // One parser for all of them (body.ts); Fastify chooses it by this header, later.
        request.anyBody = true;
        request.bytesType = sent;
        request.headers["content-type"] = bytesType;
        break;
      }
    }
    done();
  });
}

/** Whether the content is answered, not the resource: no FHIR form was asked for, or JSON or XML that the content is. */
export function takesBytes({ anyForm, plainForms }: FastifyRequest, { type, text }: Stored): boolean {
  if (anyForm || plainForms === undefined || type !== "Binary") return anyForm ?? false;
  const { contentType } = JSON.parse(text) as Content;
  return plainForms.some((language) => ofLanguage[language].test(contentType));
}

type Content = { contentType: string; data?: string; securityContext?: { reference?: string } };

/** The bytes with the type they say they have: for saving, never for showing, since anybody may have written a page. */
export function sendBytes(reply: FastifyReply, { version, lastUpdated, text }: Stored): FastifyReply {
  const { contentType, data, securityContext } = JSON.parse(text) as Content;
  const context = securityContext?.reference;
  // A reference of another form is not for a header.
  if (context !== undefined && parseReference(context)) reply.header("x-security-context", context);
  return reply.headers({
    "content-type": mimeType.test(contentType) ? contentType : bytesType, etag: etag(version), "last-modified": new Date(lastUpdated).toUTCString(),
    "content-disposition": "attachment", "content-security-policy": "sandbox; default-src 'none'",
  }).send(Buffer.from(data ?? "", "base64"));
}

/**
 * The Binary that a body stands for. `text`: of a body in a FHIR form; a resource of another type is content like any other.
 * `id`: of the address.
 */
export function binaryText(request: FastifyRequest, text: () => Result<string>, id?: string): Result<string> {
  const { body, bytesType: type = request.headers["content-type"] ?? bytesType } = request;
  if (!Buffer.isBuffer(body)) return text();
  if (request.bytesType === undefined) {
    const read = text();
    if (!read.ok || typeOf(read.value) === "Binary") return read;
  }
  if (!mimeType.test(type)) return fail("value", `"${type.slice(0, 80)}" is no mime type`);
  const context = request.headers["x-security-context"];
  if (context !== undefined && !parseReference(String(context))) return fail("value", "X-Security-Context takes a reference such as Patient/1");
  return ok(JSON.stringify({ resourceType: "Binary", ...(id === undefined ? {} : { id }), contentType: type, ...(context === undefined ? {} : { securityContext: { reference: String(context) } }), data: body.toString("base64") }));
}

/** What cannot be read is refused as a Binary that cannot. */
function typeOf(text: string): unknown {
  if (/^\s*\{\s*"resourceType"\s*:\s*"Binary"/.test(text)) return "Binary";
  try { return (JSON.parse(text) as { resourceType?: unknown } | null)?.resourceType; } catch { return "Binary"; }
}
