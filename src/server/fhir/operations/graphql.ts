/**
 * $graphql on the system and on an instance, by GET and POST (JSON, application/graphql, or Parameters). Everything is
 * read with the caller's reach. A query that is not sound is 400, one whose execution fails 200 with `errors`.
 * Source: https://hl7.org/fhir/R4/graphql.html, https://graphql.github.io/graphql-over-http/draft/
 */
import { runGraphql, type GraphqlRequest, type Reader, type SearchPage } from "#fhir/graphql/graphql.ts";
import { parseReference, type JsonObject, type Resource } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { graphqlType } from "../body.ts";
import { hl7, type Operation, type OperationCall } from "./operation.ts";
import { readInstance } from "./terminology-source.ts";

const json = "application/json; charset=utf-8";

export const graphql: Operation = {
  definition: {
    url: hl7("Resource-graphql"), code: "graphql", resource: "any", levels: ["system", "instance"], affectsState: false, ownBody: true,
    input: [{ name: "query", type: "string" }, { name: "operationName", type: "string" }, { name: "variables", type: "string" }],
  },
  async run(call) {
    const request = requestOf(call);
    if (!request.ok) return request;
    const scope = call.level === "instance" ? await readInstance(call) : ok(undefined);
    if (!scope.ok) return scope;
    const answer = await runGraphql(request.value, readerOf(call.deps.record, call.caller, call.base), scope.value);
    return ok({ status: "data" in answer ? 200 : 400, text: JSON.stringify(answer), contentType: json });
  },
};

function requestOf({ given, body }: OperationCall): Result<GraphqlRequest> {
  const [query, operationName, variables] = [given.text("query"), given.text("operationName"), given.text("variables")];
  const own = { ...(query === undefined ? {} : { query }), ...(operationName === undefined ? {} : { operationName }), ...(variables === undefined ? {} : { variables }) };
  if (body === undefined) return complete(own);
  if (body.contentType.toLowerCase().startsWith(graphqlType)) return complete({ ...own, query: body.text });
  let sent: unknown;
  try { sent = JSON.parse(body.text); } catch (error) { return fail("invalid", `The body is no JSON: ${(error as Error).message}`); }
  if (!isObject(sent)) return fail("structure", "The body is an object with query, operationName and variables");
  if (sent.resourceType === "Parameters") {
    const named = Object.fromEntries((Array.isArray(sent.parameter) ? sent.parameter : []).filter(isObject).map((one) => [String(one.name), one.valueString]));
    return complete({ ...own, ...named });
  }
  return complete({ ...own, ...sent });
}

function complete({ query, operationName, variables }: { query?: unknown; operationName?: unknown; variables?: unknown }): Result<GraphqlRequest> {
  if (typeof query !== "string") return fail("required", "$graphql needs the query");
  let values = variables ?? undefined;
  if (typeof values === "string") {
    try { values = JSON.parse(values); } catch (error) { return fail("invalid", `variables is no JSON: ${(error as Error).message}`); }
  }
  if (values !== undefined && !isObject(values)) return fail("structure", "variables is an object");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") return fail("structure", "operationName is a text");
  return ok({ query, ...(typeof operationName === "string" ? { operationName } : {}), ...(values === undefined ? {} : { variables: values as JsonObject }) });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readerOf(record: OpenRecord, caller: Caller, base: string): Reader {
  const read = async (type: string, id: string): Promise<Result<Resource | undefined>> => {
    const found = await record.read(caller, { type, id });
    return ok(found.kind === "current" ? JSON.parse(found.stored.text) as Resource : undefined);
  };
  return {
    read,
    resolve: async (reference) => {
      const key = reference.includes("://") && !reference.startsWith(`${base}/`) ? undefined : parseReference(reference);
      return key ? await read(key.type, key.id) : ok(undefined);
    },
    search: async (type, parameters): Promise<Result<SearchPage>> => {
      const words = parameters.some(([name]) => name === "_total") ? parameters : [...parameters, ["_total", "accurate"] as const];
      const page = await record.search(caller, type, new URLSearchParams(words.map(([name, value]) => [name, value])).toString());
      if (!page.ok) return page;
      const { entries, total, next } = page.value;
      const matches = entries.filter(({ mode }) => mode === "match");
      const pagesize = Number(parameters.find(([name]) => name === "_count")?.[1] ?? matches.length);
      return ok({
        edges: matches.map(({ mode, stored }) => ({ mode, resource: JSON.parse(stored.text) as Resource })), offset: 0, pagesize,
        ...(total === undefined ? {} : { count: total }), ...(next === undefined ? {} : { next }),
      });
    },
  };
}
