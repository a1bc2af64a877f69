/** Shapes of FHIR REST answers: headers of one version, Bundles put together from stored text without parsing it. */
import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Committed, HistoryEntry, Page, SearchEntry, Stored } from "#record/record.ts";
import { basesOf } from "#fhir/json/own-references.ts";
import { informationText } from "#record/bundle/response.ts";
import { fhirJson } from "../http/forms.ts";
import { hintsOf } from "./base-validator.ts";

export const basePath = "/fhir/R4";

/** Absolute base of this node as the client reaches it. HTTP/1.0 need not name a host. */
export function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host || reachedAt(request)}${basePath}`;
}

function reachedAt({ socket: { localAddress = "localhost", localPort } }: FastifyRequest): string {
  return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}${localPort === undefined ? "" : `:${localPort}`}`;
}

/** Every way to write the base of this node, as far as this request knows it. */
export function ownBases(request: FastifyRequest): string[] {
  return basesOf(request.host, basePath);
}

export function etag(version: number): string {
  return `W/"${version}"`;
}

export function sendStored(reply: FastifyReply, status: number, { version, lastUpdated, text }: Pick<Stored, "version" | "lastUpdated" | "text">): FastifyReply {
  return reply.code(status).headers({
    "content-type": fhirJson, etag: etag(version), "last-modified": new Date(lastUpdated).toUTCString(),
  }).send(text);
}

/** The query string as sent, without presentation words. */
export function conditionOf(request: FastifyRequest): string {
  const url = request.raw.url ?? "";
  const mark = url.indexOf("?");
  return mark < 0 ? "" : withoutFormat(url.slice(mark + 1));
}

export function withoutFormat(raw: string): string {
  return raw.split("&").filter((part) => part !== "" && !/^_(?:format|pretty)=/.test(part)).join("&");
}

/** `_format` of a query, as sent. */
export function formatOf(raw: string): string[] {
  return raw.split("&").filter((part) => /^_format=./.test(part));
}

const returns = ["minimal", "representation", "OperationOutcome"] as const;
export type Return = (typeof returns)[number];

/** What `Prefer: return=` asks of a write, in any case; `usual` where it says nothing of ours. Source: https://hl7.org/fhir/R4/http.html#ops, RFC 7240 section 2 */
export function preferred(request: FastifyRequest, usual: Return): Return {
  const word = /(?:^|[,;\s])return\s*=\s*"?(minimal|representation|OperationOutcome)"?(?=$|[,;\s])/i.exec(String(request.headers.prefer ?? ""))?.[1]?.toLowerCase();
  return returns.find((one) => one.toLowerCase() === word) ?? usual;
}

/** `Prefer: handling=`; what stands twice counts the first time. Source: https://hl7.org/fhir/R4/search.html#errors, RFC 7240 section 2 */
export function prefersLenient(request: FastifyRequest): boolean {
  return /(?:^|[,;\s])handling\s*=\s*"?(strict|lenient)"?(?=$|[,;\s])/i.exec(String(request.headers.prefer ?? ""))?.[1]?.toLowerCase() === "lenient";
}

/** The answer to a write. */
export function sendCommitted(request: FastifyRequest, reply: FastifyReply, done: Committed): FastifyReply {
  const status = done.kind === "created" ? 201 : 200;
  reply.header("location", `${baseOf(request)}/${done.type}/${done.id}/_history/${done.version}`);
  const form = preferred(request, "representation");
  if (form === "representation" && done.text !== undefined) return sendStored(reply, status, { version: done.version, lastUpdated: done.lastUpdated, text: done.text });
  reply.code(status).headers({ etag: etag(done.version), "last-modified": new Date(done.lastUpdated).toUTCString() });
  return form === "OperationOutcome" ? sendInformation(reply, [done]) : reply.send();
}

/** 204; 200 where an outcome is asked for. */
export function sendDeleted(request: FastifyRequest, reply: FastifyReply, done: readonly Committed[]): FastifyReply {
  return preferred(request, "minimal") === "OperationOutcome" ? sendInformation(reply.code(200), done) : reply.code(204).send();
}

function sendInformation(reply: FastifyReply, done: readonly Committed[]): FastifyReply {
  return reply.header("content-type", fhirJson).send(informationText(done, done.flatMap(({ text }) => text === undefined ? [] : hintsOf(text))));
}

/** In the order they are shown. */
type Links = { self: string; first?: string; previous?: string | undefined; next: string | undefined; last?: string | undefined };

function bundle(type: "searchset" | "history", entries: string[], links: Links, total: number | undefined): string {
  const head = `{"resourceType":"Bundle","type":"${type}"${total === undefined ? "" : `,"total":${total}`},"link":${JSON.stringify(Object.entries(links).flatMap(([relation, url]) => url === undefined ? [] : [{ relation, url }]))}`;
  return entries.length === 0 ? `${head}}` : `${head},"entry":[${entries.join(",")}]}`;
}

export function searchBundle(base: string, links: Links, page: Page<SearchEntry>): string {
  const entries = page.entries.map(({ mode, stored, container, score }) =>
    mode === "outcome"
      ? `{"fullUrl":"urn:uuid:${randomUUID()}","resource":${stored.text},"search":{"mode":"outcome"}}`
      : `{"fullUrl":"${base}/${container ? `${container.type}/${container.id}#` : `${stored.type}/`}${stored.id}","resource":${stored.text},"search":{"mode":"${mode}"${score === undefined ? "" : `,"score":${score}`}}}`);
  return bundle("searchset", entries, links, page.total);
}

export function historyBundle(base: string, links: Links, page: Page<HistoryEntry>): string {
  const entries = page.entries.map(({ kind, put, stored }) => {
    const at = `${stored.type}/${stored.id}`;
    const method = kind === "delete" ? "DELETE" : kind === "update" || put ? "PUT" : "POST";
    const status = kind === "create" ? "201" : kind === "update" ? "200" : "204";
    return `{"fullUrl":"${base}/${at}",${kind === "delete" ? "" : `"resource":${stored.text},`}` +
      `"request":{"method":"${method}","url":"${method === "POST" ? stored.type : at}"},` +
      `"response":{"status":"${status}",${kind === "delete" ? "" : `"location":"${at}/_history/${stored.version}",`}"etag":"W/\\"${stored.version}\\"","lastModified":"${stored.lastUpdated}"}}`;
  });
  return bundle("history", entries, links, page.total);
}
