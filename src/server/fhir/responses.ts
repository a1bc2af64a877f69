/** Shapes of FHIR REST answers: headers of one version, Bundles put together from stored text without parsing it. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Committed, HistoryEntry, Page, SearchEntry, Stored } from "#record/record.ts";
import { fhirJson } from "../http/forms.ts";

export const basePath = "/fhir/R4";

/** Absolute base of this node as the client reaches it. */
export function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}${basePath}`;
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

/** What `Prefer: return=` asks of a write. Source: https://hl7.org/fhir/R4/http.html#ops */
function preferred(request: FastifyRequest): "minimal" | "representation" | "OperationOutcome" {
  const word = /(?:^|[,;\s])return\s*=\s*"?(minimal|OperationOutcome)"?(?=$|[,;\s])/.exec(String(request.headers.prefer ?? ""))?.[1];
  return word === "minimal" || word === "OperationOutcome" ? word : "representation";
}

/** Whether the resources written are asked for by name (for Bundles, whose default is minimal). */
export function returnsWhole(request: FastifyRequest): boolean {
  return /(?:^|[,;\s])return\s*=\s*"?representation"?(?=$|[,;\s])/.test(String(request.headers.prefer ?? ""));
}

/** The answer to a write. */
export function sendCommitted(request: FastifyRequest, reply: FastifyReply, done: Committed): FastifyReply {
  const status = done.kind === "created" ? 201 : 200;
  reply.header("location", `${baseOf(request)}/${done.type}/${done.id}/_history/${done.version}`);
  const form = preferred(request);
  if (form === "representation" && done.text !== undefined) return sendStored(reply, status, { version: done.version, lastUpdated: done.lastUpdated, text: done.text });
  reply.code(status).headers({ etag: etag(done.version), "last-modified": new Date(done.lastUpdated).toUTCString() });
  if (form !== "OperationOutcome") return reply.send();
  const diagnostics = done.kind === "unchanged" ? `${done.type}/${done.id} is as it was, version ${done.version}.` : `${done.type}/${done.id} was ${done.kind}, version ${done.version}.`;
  return sendInformation(reply, diagnostics);
}

/** 204; 200 where an outcome is asked for. */
export function sendDeleted(request: FastifyRequest, reply: FastifyReply, diagnostics: string): FastifyReply {
  return preferred(request) === "OperationOutcome" ? sendInformation(reply.code(200), diagnostics) : reply.code(204).send();
}

function sendInformation(reply: FastifyReply, diagnostics: string): FastifyReply {
  return reply.header("content-type", fhirJson).send(JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics }] }));
}

type Link = { relation: "self" | "first" | "next"; url: string };

function bundle(type: "searchset" | "history", entries: string[], links: Link[], total: number | undefined): string {
  const head = `{"resourceType":"Bundle","type":"${type}"${total === undefined ? "" : `,"total":${total}`},"link":${JSON.stringify(links)}`;
  return entries.length === 0 ? `${head}}` : `${head},"entry":[${entries.join(",")}]}`;
}

function links(self: string, next: string | undefined, first?: string): Link[] {
  return [{ relation: "self", url: self }, ...(first === undefined ? [] : [{ relation: "first" as const, url: first }]), ...(next === undefined ? [] : [{ relation: "next" as const, url: next }])];
}

export function searchBundle(base: string, self: string, page: Page<SearchEntry>, next: string | undefined, first?: string): string {
  const entries = page.entries.map(({ mode, stored }) =>
    mode === "outcome"
      ? `{"resource":${stored.text},"search":{"mode":"outcome"}}`
      : `{"fullUrl":"${base}/${stored.type}/${stored.id}","resource":${stored.text},"search":{"mode":"${mode}"}}`);
  return bundle("searchset", entries, links(self, next, first), page.total);
}

export function historyBundle(base: string, self: string, page: Page<HistoryEntry>, next: string | undefined): string {
  const entries = page.entries.map(({ kind, put, stored }) => {
    const at = `${stored.type}/${stored.id}`;
    const method = kind === "delete" ? "DELETE" : kind === "update" || put ? "PUT" : "POST";
    const status = kind === "create" ? "201" : kind === "update" ? "200" : "204";
    return `{"fullUrl":"${base}/${at}",${kind === "delete" ? "" : `"resource":${stored.text},`}` +
      `"request":{"method":"${method}","url":"${method === "POST" ? stored.type : at}"},` +
      `"response":{"status":"${status}","etag":"W/\\"${stored.version}\\"","lastModified":"${stored.lastUpdated}"}}`;
  });
  return bundle("history", entries, links(self, next), page.total);
}
