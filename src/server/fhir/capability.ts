/**
 * CapabilityStatement: GET /metadata. Says what this server does, from the same tables that do it.
 * Source: https://hl7.org/fhir/R4/capabilitystatement.html
 */
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { compartmentTypes } from "#fhir/compartment/definitions.ts";
import { resourceTypes, searchParametersOf } from "#fhir/definitions/load.ts";
import { isIndexed } from "#fhir/search/index-rows.ts";
import type { CustomParameter } from "#fhir/search/custom.ts";
import { subsetText } from "#fhir/subset/subset.ts";
import { terminologyCapabilities } from "#fhir/terminology/operations/capabilities.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { OpenRecord } from "#record/open.ts";
import type { StoredProfile } from "#record/profiles.ts";
import type { ServerDeps } from "../deps.ts";
import { fhirJson, patchTypes } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { socketUrl } from "../subscriptions/sockets.ts";
import { operations } from "./operations/list.ts";
import type { OperationDefinition } from "./operations/operation.ts";
import { partAsked } from "./part.ts";
import { baseOf } from "./responses.ts";
import { versionsUrl } from "./versions.ts";

const interactions = ["read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"];

let referring: Map<string, string[]> | undefined;

/** By type, the reference parameters that may refer to it. */
function revincludes(): ReadonlyMap<string, string[]> {
  if (referring) return referring;
  referring = new Map();
  for (const source of resourceTypes())
    for (const { type, code, target } of searchParametersOf(source))
      if (type === "reference") for (const one of target?.length ? target : resourceTypes()) referring.set(one, [...referring.get(one) ?? [], `${source}:${code}`]);
  return referring;
}

/** Parameters without rows of their own that are answered; `_query` has no query to name. */
const answered: ReadonlySet<string> = new Set(["_id", "_lastUpdated", "_text", "_content", "near"]);

function restResource(type: string): RestResource {
  const parameters = searchParametersOf(type).filter((parameter) => isIndexed(parameter) || parameter.type === "composite" || answered.has(parameter.code));
  const references = parameters.filter((parameter) => parameter.type === "reference").map((parameter) => `${type}:${parameter.code}`);
  return {
    type, profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: interactions.map((code) => ({ code })),
    versioning: "versioned", readHistory: true, updateCreate: true,
    conditionalCreate: true, conditionalRead: "full-support", conditionalUpdate: true, conditionalDelete: "multiple", referencePolicy: ["literal", "logical"],
    ...(references.length > 0 ? { searchInclude: ["*", ...references] } : {}),
    ...(revincludes().has(type) ? { searchRevInclude: ["*", ...revincludes().get(type)!] } : {}),
    ...(parameters.length > 0 ? { searchParam: parameters.map((parameter) => ({ name: parameter.code, definition: parameter.url, type: parameter.type })) } : {}),
    ...operationsWhere(({ resource, levels }) => levels.some((level) => level !== "system") && (resource === "any" || resource.includes(type))),
  };
}

function withCustom(resource: RestResource, all: readonly CustomParameter[]): RestResource {
  const custom = all.filter(({ base }) => base.includes(resource.type));
  if (custom.length === 0) return resource;
  const references = custom.filter(({ type }) => type === "reference").map(({ code }) => `${resource.type}:${code}`);
  return {
    ...resource,
    ...(references.length > 0 ? { searchInclude: [...resource.searchInclude ?? [], ...references] } : {}),
    searchParam: [...resource.searchParam ?? [], ...custom.map(({ code, url, type }) => ({ name: code, definition: url, type }))],
  };
}

/** Of https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.supportedProfile: what $validate goes by. */
function withProfiles(profiles: readonly StoredProfile[]) {
  const byType = Map.groupBy(profiles, ({ type }) => type);
  return (resource: RestResource): RestResource => {
    const urls = byType.get(resource.type)?.map(({ url }) => url) ?? [];
    return urls.length === 0 ? resource : { ...resource, supportedProfile: [...new Set([...resource.supportedProfile ?? [], ...urls])] };
  };
}

function operationsWhere(offered: (definition: OperationDefinition) => boolean): { operation?: { name: string; definition: string; documentation?: string }[] } {
  const operation = operations.map(({ definition }) => definition).filter(offered).map(({ code, url, documentation }) => ({ name: code, definition: url, ...(documentation === undefined ? {} : { documentation }) }));
  return operation.length > 0 ? { operation } : {};
}

// https://hl7.org/fhir/R4/http.html#3.1.0.13.1
const integrity = "Integrity: a resource is stored and served as it was sent, member order and number literals included; what is not understood is refused, never dropped. Only id, versionId, lastUpdated and references that a transaction resolves, or that name this server by its address, are the server's. A patch takes a generated narrative away unless it changes it too.";
const searchLanguage = "Search: chains and _has to any depth, combined. Every parameter takes :missing; token :not, :text, :in, :not-in, :above, :below, :of-type; string :exact, :contains; reference :[type], :identifier, :above, :below; uri :above, :below. Dates, numbers and quantities take the prefixes eq, ne, gt, lt, ge, le, sa, eb, ap.";

let resources: RestResource[] | undefined;

const subscriptionGuide = "http://hl7.org/fhir/uv/subscriptions-backport";

/** `topics`: canonical urls that may be subscribed to, http://hl7.org/fhir/uv/subscriptions-backport/components.html#subscription-topics-in-r4 */
function withTopics(topics: readonly string[]) {
  return (resource: RestResource): RestResource => resource.type !== "Subscription" ? resource : {
    extension: topics.map((topic) => ({ url: `${subscriptionGuide}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`, valueCanonical: topic })),
    ...resource, supportedProfile: [`${subscriptionGuide}/StructureDefinition/backport-subscription`],
  };
}

type RestResource = { type: string; supportedProfile?: string[]; searchParam?: object[]; searchInclude?: string[]; [member: string]: unknown };

/** What an instance says of itself, in either statement (cpb-15, tcp-3). */
function instance(base: string): object {
  return { software: { name: "Salus" }, implementation: { description: "Salus health record", url: base } };
}

/** `custom`: the record's own parameters that can be searched by now. */
export function capabilityStatement({ base, started, topics, custom, profiles, cors }: { base: string; started: string; topics: readonly string[]; custom: readonly CustomParameter[]; profiles: readonly StoredProfile[]; cors: boolean }): object {
  resources ??= resourceTypes().filter((type) => type !== "Parameters").map(restResource);
  return {
    resourceType: "CapabilityStatement", name: "Salus", title: "Salus health record",
    status: "active", date: started, kind: "instance", instantiates: [`${subscriptionGuide}/CapabilityStatement/backport-subscription-server-r4`, "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"], fhirVersion: "4.0.1",
    format: ["application/fhir+json", "application/fhir+xml", "json", "xml"],
    patchFormat: [...Object.keys(patchTypes), "application/fhir+json", "application/fhir+xml"],
    ...instance(base),
    rest: [{
      // https://hl7.org/fhir/R4/extension-capabilitystatement-websocket.html
      extension: [{ url: "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket", valueUri: socketUrl(base) }],
      mode: "server",
      security: { cors, description: "Bearer token or session cookie; every answer holds only what the caller may see. A search parameter that is not known is refused (strict handling)." },
      documentation: `${integrity} ${searchLanguage}`,
      resource: resources.map((resource) => withCustom(resource, custom)).map(withTopics(topics)).map(withProfiles(profiles)),
      searchParam: [{ name: "_list", type: "string" }, { name: "_has", type: "string" }, { name: "_filter", type: "special" }],
      interaction: [{ code: "transaction" }, { code: "batch" }, { code: "history-system" }, { code: "search-system" }],
      compartment: compartmentTypes.map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type[0]!.toLowerCase()}${type.slice(1)}`),
      operation: [{ name: "versions", definition: versionsUrl }, ...operationsWhere(({ levels }) => levels.includes("system")).operation!],
    }],
  };
}

/** `mode=terminology`: the TerminologyCapabilities, https://hl7.org/fhir/R4/http.html#capabilities */
export function capabilityRoute(app: FastifyInstance, { record, sharedWith = [] }: ServerDeps): void {
  const started = new Date().toISOString();
  const statement = async (request: FastifyRequest, mode: unknown): Promise<object | undefined> => {
    switch (mode) {
      case "full": case "normative": return capabilityStatement({ base: baseOf(request), started, topics: await topicsOf(record), custom: await record.customParameters(), profiles: await record.profiles(), cors: sharedWith.length > 0 });
      case "terminology": return { ...terminologyCapabilities({ version: "4.0.1", date: started, systems: await systemsOf(record) }), ...instance(baseOf(request)) };
      default: return undefined;
    }
  };
  app.get<{ Querystring: { mode?: unknown } }>("/metadata", { config: { open: true } }, async (request, reply) => {
    const { mode = "full" } = request.query;
    const part = partAsked(request);
    if (!part.ok) return sendFailure(reply, part.failure);
    const resource = await statement(request, mode);
    if (!resource) return sendFailure(reply, { code: "value", text: `mode must be full, normative or terminology, not "${String(mode).slice(0, 40)}".` });
    const whole = JSON.stringify(resource);
    // The tag of what is said, so that it changes when that does.
    const tag = `W/"${createHash("sha256").update(whole).digest("hex").slice(0, 32)}"`;
    reply.header("etag", tag);
    if (String(request.headers["if-none-match"] ?? "").split(",").some((one) => one.trim() === tag || one.trim() === "*")) return reply.code(304).send();
    return reply.header("content-type", fhirJson).send(part.value ? subsetText(whole, part.value) : whole);
  });
}

async function topicsOf(record: OpenRecord): Promise<string[]> {
  return (await record.subscriptions.topics()).map(({ url, version }) => version === undefined ? url : `${url}|${version}`);
}

/** Those of R4 that hold codes, and those that were loaded; the record's own are found with a search. */
async function systemsOf(record: OpenRecord): Promise<{ url: string; versions: string[] }[]> {
  const loaded = (await record.terminology.editions()).map(({ system, version }) => ({ url: system, version }));
  const versions = new Map<string, string[]>();
  for (const { url, version } of [...r4Terminology().systems(), ...loaded]) versions.set(url, [...versions.get(url) ?? [], ...(version === undefined ? [] : [version])]);
  return [...versions].map(([url, of]) => ({ url, versions: of })).sort((a, b) => a.url < b.url ? -1 : 1);
}
