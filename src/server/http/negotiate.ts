/**
 * Which form of an answer the client takes, and whether we read the form it sends. Answers are made as FHIR JSON;
 * here they become XML, or are laid out for people (_pretty), on their way out.
 * Source: https://hl7.org/fhir/R4/http.html#mime-type, #parameters
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { prettyJson } from "#fhir/json/pretty.ts";
import { xmlFromJson } from "#fhir/xml/to-xml.ts";
import { prettyXml } from "#fhir/xml/pretty.ts";
import { readableCodings } from "./coding.ts";
import { fhirJson, formFor, jsonTypes, mediaRange, patchTypes, speaks, usualForm, xmlTypes, type Form } from "./forms.ts";
import { outcomeOf, sendFailure } from "./outcome.ts";

declare module "fastify" {
  interface FastifyContextConfig { /** Answers in a form of its own, which Accept need not name. */ anyForm?: boolean }
  interface FastifyRequest { /** As of a route that answers so. */ anyForm?: boolean; /** The body is bytes of any type. */ anyBody?: boolean; /** Unset: FHIR JSON as it stands. */ layout?: { form: Form; pretty: boolean } | undefined }
}

export const acceptPatch: string = [...Object.keys(patchTypes), "application/fhir+json", "application/fhir+xml"].join(", ");

/** Why a body of this Content-Type cannot be read, or undefined when it can. */
export function unreadable(method: string, contentType: string | undefined, contentEncoding: string | undefined): string | undefined {
  if (contentEncoding !== undefined && !readableCodings.includes(contentEncoding.trim().toLowerCase())) return `Content-Encoding ${contentEncoding.slice(0, 40)} is not read here; ${readableCodings.join(", ")} are.`;
  if (contentType === undefined) return undefined;
  const range = mediaRange(contentType);
  if (range.type === "application/octet-stream") return "Send JSON or XML: Content-Type application/fhir+json or application/fhir+xml.";
  if (!speaks(range)) return "This server speaks FHIR 4.0; send no other fhirVersion.";
  if (Object.hasOwn(patchTypes, range.type) && method !== "PATCH") return "A patch is sent with PATCH.";
  if (method === "PATCH" && !Object.hasOwn(patchTypes, range.type) && !jsonTypes.includes(range.type) && !xmlTypes.includes(range.type)) return `A patch is one of ${acceptPatch}.`;
  const charset = range.parameters.get("charset");
  return charset === undefined || charset === "utf-8" || charset === "utf8" || charset === "us-ascii" ? undefined : "Text is sent as UTF-8; send no other charset.";
}

/** `query`: with or without what stands before "?". A word without a value is not said. */
function wordOf(query: string, name: string): string | undefined {
  return query.includes(name) ? new URLSearchParams(query.slice(query.indexOf("?") + 1)).get(name) || undefined : undefined;
}

export const notAcceptable = "Answers come as JSON or XML: accept application/fhir+json or application/fhir+xml, or say _format=json or xml.";

/** Chooses the form from Accept and the words of a query. False: none of ours, and 406 was sent. */
export function chooseForm(request: FastifyRequest, reply: FastifyReply, accept: string | undefined, query: string): boolean {
  const form = formFor(accept, wordOf(query, "_format"));
  if (form === undefined) { sendFailure(reply, { code: "not-supported", text: notAcceptable }, 406); return false; }
  const pretty = wordOf(query, "_pretty") === "true";
  request.layout = form !== usualForm || pretty ? { form, pretty } : undefined;
  return true;
}

/** Every read passes here: callbacks, no promises, and no parsing for what nearly all clients send. */
export function negotiate(app: FastifyInstance): void {
  app.decorateRequest("layout", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    const { accept, "content-type": contentType, "content-encoding": contentEncoding } = request.headers;
    const url = request.raw.url ?? "";
    const usual = accept === undefined || accept === "*/*" || accept === "application/fhir+json";
    if (!request.routeOptions.config.anyForm && !request.anyForm && !(usual && !url.includes("_format") && !url.includes("_pretty")) && !chooseForm(request, reply, accept, url.includes("?") ? url : "")) return;
    const fault = contentType === undefined && contentEncoding === undefined ? undefined : unreadable(request.method, request.anyBody ? undefined : contentType, contentEncoding);
    if (fault === undefined) { done(); return; }
    if (request.method === "PATCH") reply.header("accept-patch", acceptPatch);
    sendFailure(reply, { code: "not-supported", text: fault }, 415);
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    done(null, request.layout !== undefined && typeof payload === "string" && reply.getHeader("content-type") === fhirJson ? laidOut(request.layout, reply, payload) : payload);
  });
}

function laidOut({ form, pretty }: NonNullable<FastifyRequest["layout"]>, reply: FastifyReply, text: string): string {
  reply.header("content-type", form.contentType);
  if (form.language === "json") return pretty ? prettyJson(text) : text;
  const xml = xmlFromJson(text);
  if (xml.ok) return pretty ? prettyXml(xml.value) : xml.value;
  // What XML cannot hold (control characters) is there, but not in this form.
  reply.code(406);
  const outcome = xmlFromJson(outcomeOf({ code: "not-supported", text: `This cannot be written as XML: ${xml.failure.text}. Ask for application/fhir+json.` }));
  if (!outcome.ok) throw new Error(outcome.failure.text);
  return outcome.value;
}
