/**
 * Which form of an answer the client takes, and whether we read the form it sends. Only JSON is served.
 * Source: https://hl7.org/fhir/R4/http.html#mime-type (and #version-parameter), RFC 7231 section 5.3.2
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { fhirJson, sendFailure } from "./outcome.ts";

/** "plain": the client asked for application/json and reads nothing else. */
export type Form = "fhir" | "plain";

const forms: Readonly<Record<string, Form | undefined>> = {
  __proto__: null as never,
  "application/fhir+json": "fhir", json: "fhir", "application/json+fhir": "fhir", "*/*": "fhir", "application/*": "fhir",
  "application/json": "plain", "text/json": "plain",
};

type MediaRange = { type: string; parameters: ReadonlyMap<string, string> };

function mediaRange(text: string): MediaRange {
  const [type = "", ...rest] = text.split(";");
  return { type: type.trim().toLowerCase(), parameters: new Map(rest.map((part) => {
    const [name = "", value = ""] = part.split("=");
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', "").toLowerCase()];
  })) };
}

/** fhirVersion=4.0 is what is spoken here. */
function speaks({ parameters }: MediaRange): boolean {
  const version = parameters.get("fhirversion");
  return version === undefined || version === "4.0" || version === "4.0.1";
}

/** The form for an Accept header, or undefined when it takes none of ours. `_format` goes before Accept. */
export function formFor(accept: string | undefined, format: string | undefined): Form | undefined {
  if (format !== undefined) {
    // A "+" that was not escaped in a query reads as a space.
    const range = mediaRange(format.replace("fhir json", "fhir+json").replace("json fhir", "json+fhir"));
    return speaks(range) && !range.type.includes("*") ? forms[range.type] : undefined;
  }
  if (accept === undefined || accept.trim() === "") return "fhir";
  let best: Form | undefined, bestQuality = 0;
  for (const part of accept.split(",")) {
    const range = mediaRange(part);
    const form = speaks(range) ? forms[range.type] : undefined;
    const quality = Number(range.parameters.get("q") ?? 1);
    if (form && (quality > bestQuality || (quality === bestQuality && quality > 0 && form === "fhir"))) { best = form; bestQuality = quality; }
  }
  return best;
}

/** Why a body of this Content-Type cannot be read, or undefined when it can. */
export function unreadable(contentType: string | undefined, contentEncoding: string | undefined): string | undefined {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") return `Content-Encoding ${contentEncoding.slice(0, 40)} is not read here: send the body as it is.`;
  if (contentType === undefined) return undefined;
  const range = mediaRange(contentType);
  if (!speaks(range)) return "This server speaks FHIR 4.0; send no other fhirVersion.";
  const charset = range.parameters.get("charset");
  return charset === undefined || charset === "utf-8" || charset === "utf8" || charset === "us-ascii" ? undefined : "JSON is sent as UTF-8; send no other charset.";
}

export function formatOf(url: string): string | undefined {
  const mark = url.indexOf("?");
  return mark < 0 ? undefined : new URLSearchParams(url.slice(mark + 1)).get("_format") ?? undefined;
}

export const notAcceptable = "Answers come as JSON: accept application/fhir+json, or say _format=json.";

/** Every read passes here: callbacks, no promises, and no parsing for what nearly all clients send. */
export function negotiate(app: FastifyInstance): void {
  const plain = new WeakSet<FastifyRequest>();
  app.addHook("onRequest", (request, reply, done) => {
    const { accept, "content-type": contentType, "content-encoding": contentEncoding } = request.headers;
    const url = request.raw.url ?? "";
    const usual = accept === undefined || accept === "*/*" || accept === "application/fhir+json";
    const form = usual && !url.includes("_format") ? "fhir" : formFor(accept, formatOf(url));
    if (form === undefined) { sendFailure(reply, { code: "not-supported", text: notAcceptable }, 406); return; }
    if (form === "plain") plain.add(request);
    const fault = contentType === undefined && contentEncoding === undefined ? undefined : unreadable(contentType, contentEncoding);
    if (fault !== undefined) sendFailure(reply, { code: "not-supported", text: fault }, 415);
    else done();
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    if (plain.has(request) && reply.getHeader("content-type") === fhirJson) reply.header("content-type", "application/json; charset=utf-8");
    done(null, payload);
  });
}
