/**
 * GraphQL over FHIR R4: queries on one resource or on the system, answered from an injected reader.
 * A query that is not sound, or that the data refuse, gives `errors` and no partial data: every field counts as
 * non-null where it is asked for. Elements that are absent are left out, as FHIR's own examples do.
 * Source: https://hl7.org/fhir/R4/graphql.html, https://spec.graphql.org
 */
import type { JsonObject, Resource } from "../resource.ts";
import { check } from "./check.ts";
import { defaultLimits, readRequest, type Limits } from "./document.ts";
import { Execution } from "./execute.ts";
import { errorOf, QueryFault, type GraphqlError } from "./fault.ts";
import type { Reader } from "./reader.ts";

export type { Reader, SearchPage } from "./reader.ts";
export type { GraphqlError } from "./fault.ts";
export type { Limits } from "./document.ts";

export type GraphqlRequest = { query: string; operationName?: string; variables?: JsonObject };
/** Without `data` the query itself is at fault; with `data: null` its execution is. */
export type GraphqlAnswer = { data?: JsonObject | null; errors?: GraphqlError[] };

/** `resource`: the one in scope ([type]/[id]/$graphql); absent at system level. Never throws on what a query says. */
export async function runGraphql({ query, operationName, variables = {} }: GraphqlRequest, reader: Reader, resource?: Resource, limits: Partial<Limits> = {}): Promise<GraphqlAnswer> {
  const bounds = { ...defaultLimits, ...limits };
  let running = false;
  try {
    const request = readRequest(query, operationName, variables, bounds);
    check(request, resource?.resourceType ?? "Query", bounds);
    running = true;
    return { data: await new Execution(request, reader, bounds).run(resource) };
  } catch (fault) {
    if (!(fault instanceof QueryFault)) throw fault;
    return running ? { data: null, errors: [errorOf(fault)] } : { errors: [errorOf(fault)] };
  }
}
