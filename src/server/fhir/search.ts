/**
 * FHIR search over HTTP: of a type, of several (`_type`), in a compartment; by GET and by POST to _search.
 * Source: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/search.html
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { compartmentTypes, isCompartmentType } from "#fhir/compartment/definitions.ts";
import type { SearchScope } from "#fhir/search/scope.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { SearchOptions } from "#record/open.ts";
import type { Explanation } from "#record/search/explain.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { chooseForm } from "../http/negotiate.ts";
import { keyOf, typeOf } from "./keys.ts";
import { baseOf, conditionOf, formatOf, ownBases, prefersLenient, searchBundle, withoutFormat } from "./responses.ts";

/** `path`: of the address under the base, "" for the base itself. */
type Place = { scope: SearchScope; path: string };
type Params = { type?: string; id?: string; member?: string };

/** Where the address looks: /, /Type, /Compartment/id/Type, /Compartment/id/*. */
function placeOf({ type, id, member = "" }: Params): Result<Place> {
  if (type === undefined) return ok({ scope: {}, path: "" });
  const known = typeOf(type);
  if (!known.ok) return known;
  if (id === undefined) return ok({ scope: { type }, path: type });
  const key = keyOf({ type, id });
  if (!key.ok) return key;
  const within = member === "*" ? ok(undefined) : typeOf(member);
  if (!within.ok) return within;
  if (!isCompartmentType(type)) return fail("not-found", `There is no compartment of ${type}; there are those of ${compartmentTypes.join(", ")}.`);
  return ok({ scope: { compartment: { type, id }, ...(within.value === undefined ? {} : { type: within.value }) }, path: `${type}/${id}/${member}` });
}

/** Where this node is, for a query that hangs on it: one that names something by its absolute address. */
function namedBases(request: FastifyRequest, query: string): { bases?: readonly string[] } {
  if (!/:\/\/|%3a/i.test(query)) return {};
  const bases = ownBases(request);
  let plain = query;
  // What is no percent-encoded text is refused where the query is read.
  try { plain = decodeURIComponent(query); } catch { /* as it is */ }
  return bases.some((base) => plain.includes(`${base}/`)) ? { bases } : {};
}

function optionsOf(request: FastifyRequest, query: string): SearchOptions {
  return { ...(prefersLenient(request) ? { handling: "lenient" as const } : {}), ...namedBases(request, query) };
}

/** The query of the address, and of the body of a POST. */
function sentQuery(request: FastifyRequest): string {
  return [conditionOf(request), typeof request.body === "string" ? withoutFormat(request.body) : ""].filter((part) => part !== "").join("&");
}

/** Whether the search at an address relative to the base can be carried out, without carrying it out; undefined where it is no search. */
export async function searchFault({ record }: ServerDeps, request: FastifyRequest, url: string): Promise<Failure | "none" | undefined> {
  const mark = url.indexOf("?"), path = mark < 0 ? url : url.slice(0, mark);
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== "_search");
  if (segments.length > 3 || segments.length === 2 || segments.some((segment) => /^(?:\$|_|metadata$)/.test(segment))) return undefined;
  const [type, id, member] = segments;
  const place = placeOf({ ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id, member: member! }) });
  if (!place.ok) return place.failure;
  const query = mark < 0 ? "" : withoutFormat(url.slice(mark + 1)).replace(/(?:^|&)_explain=[^&]*/g, "");
  const planned = await record.explainSearch(principalOf(request).caller, place.value.scope, query, optionsOf(request, query));
  return planned.ok ? "none" : planned.failure;
}

export function searchRoutes(app: FastifyInstance, { record }: ServerDeps): void {
  /** Of a search that is answered later: planned as it would be now. */
  async function fault(request: FastifyRequest): Promise<Failure | undefined> {
    const place = placeOf(request.params as Params);
    if (!place.ok) return place.failure;
    const query = sentQuery(request);
    const planned = await record.explainSearch(principalOf(request).caller, place.value.scope, query, optionsOf(request, query));
    return planned.ok ? undefined : planned.failure;
  }

  async function answer(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply, sent: string): Promise<FastifyReply> {
    const place = placeOf(request.params);
    if (!place.ok) return sendFailure(reply, place.failure);
    const { scope, path } = place.value;
    const { caller } = principalOf(request);
    const options = optionsOf(request, sent);
    const parts = sent.split("&").filter((part) => part !== "");
    const query = parts.filter((part) => !part.startsWith("_explain=")).join("&");
    if (parts.includes("_explain=true")) {
      if (caller.role !== "administrator" && caller.role !== "system") return sendFailure(reply, { code: "forbidden", text: "_explain shows how the node searches and is for its administrators." });
      const explained = await record.explainSearch(caller, scope, query, options);
      return explained.ok ? reply.header("content-type", fhirJson).send(explanationText(explained.value)) : sendFailure(reply, explained.failure);
    }
    const page = await record.search(caller, scope, query, options);
    if (!page.ok) return sendFailure(reply, page.failure);
    const base = baseOf(request);
    const { searched, next, previous } = page.value;
    // Pages come in the form of the first one; self says what was searched.
    const shown = formatOf(`${request.raw.url?.split("?")[1] ?? ""}&${typeof request.body === "string" ? request.body : ""}`);
    const at = (cursor?: string, form: readonly string[] = shown): string => {
      const words = [searched, ...form, ...(cursor === undefined ? [] : [`_cursor=${cursor}`])].filter((part) => part !== "").join("&");
      return `${path === "" ? base : `${base}/${path}`}${words === "" ? "" : `?${words}`}`;
    };
    const cursor = parts.find((part) => part.startsWith("_cursor="))?.slice("_cursor=".length);
    return reply.header("content-type", fhirJson).send(searchBundle(base, { self: at(cursor, []), first: at(), previous: previous && at(previous), next: next && at(next) }, page.value));
  }

  function posted(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
    const { body } = request;
    if (Buffer.isBuffer(body) && body.length > 0) return sendFailure(reply, { code: "not-supported", text: "A search is posted as application/x-www-form-urlencoded." }, 415);
    const form = typeof body === "string" ? body : "";
    if (/(?:^|&)_(?:format|pretty)=/.test(form) && !chooseForm(request, reply, request.headers.accept, form)) return reply;
    return answer(request, reply, sentQuery(request));
  }

  const posts = ["/_search", "/:type/_search", "/:type/:id/:member/_search"];
  // R4 has _search for POST; clients send GET there too.
  for (const url of ["/", "/:type", "/:type/:id/:member", ...posts]) app.get<{ Params: Params }>(url, { config: { fault } }, (request, reply) => answer(request, reply, conditionOf(request)));
  for (const url of posts) app.post<{ Params: Params }>(url, { config: { fault } }, posted);
}

function explanationText({ sql, values, steps }: Explanation): string {
  return JSON.stringify({
    resourceType: "Parameters",
    parameter: [{ name: "sql", valueString: sql }, ...values.map((value, i) => ({ name: `$${i + 1}`, valueString: String(value) })), ...steps.map((step) => ({ name: "plan", valueString: step }))],
  });
}
