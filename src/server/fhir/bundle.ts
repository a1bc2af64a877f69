/** FHIR transaction and batch: POST of a Bundle to the base. Source: https://hl7.org/fhir/R4/http.html#transaction */
import type { FastifyInstance, FastifyRequest, LightMyRequestResponse } from "fastify";
import type { Ask } from "#record/record.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyText } from "./body.ts";
import { operations } from "./operations/list.ts";
import type { OperationDefinition } from "./operations/operation.ts";
import { searchFault } from "./search.ts";
import { baseOf, basePath, ownBases, preferred, withoutFormat } from "./responses.ts";

function codesOf(wanted: (definition: OperationDefinition) => boolean): ReadonlySet<string> {
  return new Set(operations.map(({ definition }) => definition).filter(wanted).map(({ code }) => code));
}

/** Operations that change something under any type, and those that answer in forms of their own. */
const changing = codesOf(({ affectsState }) => affectsState);
const ownForms = codesOf(({ ownForm = false }) => ownForm);

/** "" where a relative address is that of no operation. */
function operationOf(url: string): string {
  return /\$([A-Za-z-]+)(?:\?|$)/.exec(url)?.[1] ?? "";
}

/** An entry is answered in the form of its Bundle, whatever its address says. */
function inForm(url: string): string {
  const mark = url.indexOf("?");
  if (mark < 0 || ownForms.has(operationOf(url))) return url;
  const query = withoutFormat(url.slice(mark + 1));
  return query === "" ? url.slice(0, mark) : `${url.slice(0, mark)}?${query}`;
}

/** The answer to an entry as a resource: what is none (a table of $run) is carried by a Binary. */
function resourceOf({ headers, body, rawPayload }: LightMyRequestResponse): string {
  const contentType = String(headers["content-type"] ?? "");
  return body === "" || contentType === fhirJson ? body : JSON.stringify({ resourceType: "Binary", contentType, data: rawPayload.toString("base64") });
}

/** Of an answer that is a version of a resource. */
function versionOf({ headers: { etag, "last-modified": modified } }: LightMyRequestResponse, url: string, base: string): { told?: { etag: string; lastModified?: string; fullUrl?: string } } {
  if (etag === undefined) return {};
  const [key] = /^[A-Za-z]+\/[A-Za-z0-9.-]+(?=\/?(?:_history\/|\?|$))/.exec(url) ?? [];
  return { told: { etag, ...(typeof modified === "string" ? { lastModified: new Date(modified).toISOString() } : {}), ...(key === undefined ? {} : { fullUrl: `${base}/${key}` }) } };
}

/** What says who asks, and from where. */
const passedOn = ["authorization", "cookie", "host", "origin", "sec-fetch-site", "accept-language"];

export function bundleRoute(app: FastifyInstance, deps: ServerDeps): void {
  const { record } = deps;

  /** Entries that are no matter of the record are asked of this server, in the name of who sent the Bundle. */
  function askerFor(request: FastifyRequest): Ask {
    const handling = /\bhandling\s*=\s*"?(?:strict|lenient)\b/i.exec(String(request.headers.prefer ?? ""))?.[0];
    const passed = Object.fromEntries(passedOn.flatMap((name) => typeof request.headers[name] === "string" ? [[name, request.headers[name]]] : []));
    const headers = handling === undefined ? passed : { ...passed, prefer: handling };
    return async ({ verb, url, body }) => {
      const answer = await app.inject({ method: verb, url: `${basePath}/${inForm(url)}`, headers: { ...headers, accept: "application/fhir+json", ...(body === undefined ? {} : { "content-type": "application/fhir+json" }) }, ...(body === undefined ? {} : { payload: body }) });
      return { status: answer.statusCode, text: resourceOf(answer), ...versionOf(answer, url, baseOf(request)) };
    };
  }

  app.post("/", async (request, reply) => {
    const text = bodyText(request);
    if (!text.ok) return sendFailure(reply, text.failure);
    const done = await record.bundle(principalOf(request).caller, text.value, { ask: askerFor(request), onlyReads: (url) => !changing.has(operationOf(url)), searchFault: (url) => searchFault(deps, request, url), base: baseOf(request), bases: ownBases(request), returns: preferred(request, "minimal") });
    return done.ok ? reply.header("content-type", fhirJson).send(done.value) : sendFailure(reply, done.failure);
  });
}
