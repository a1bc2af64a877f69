/**
 * Subscription topics: what triggers an event, and what subscribers may filter by. R4 has no SubscriptionTopic; a topic
 * is built in (built-in-topics.ts) or comes as a Basic resource of code SubscriptionTopic with R5's elements as extensions.
 * Source: https://hl7.org/fhir/R5/subscriptiontopic.html and
 * http://hl7.org/fhir/uv/subscriptions-backport/components.html#subscription-topics-in-r4
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import { compile, type Evaluator } from "../fhirpath/compile.ts";
import { parseQuery } from "../search/query.ts";
import { isOpen, standsAlone } from "../search/resolve.ts";
import type { SearchQuery } from "../search/query-model.ts";
import { extensionsOf, valueOf, type Extension, type Extended } from "./extension.ts";

export type Interaction = "create" | "update" | "delete";

/** Tests on the version before and after. Where one is missing because there is no such version, `resultFor…` decides. */
export type QueryCriteria = { previous?: SearchQuery; current?: SearchQuery; resultForCreate: boolean; resultForDelete: boolean; requireBoth: boolean };

export type Trigger = { resource: string; interactions: ReadonlySet<Interaction>; query?: QueryCriteria; fhirPath?: Evaluator };

/** `resource` undefined: of every trigger that has such a parameter. */
export type TopicFilter = { resource?: string; parameter: string };

export type Topic = { url: string; version?: string; title?: string; triggers: readonly Trigger[]; filters: readonly TopicFilter[] };

/** A topic as written down; criteria are search strings ("status=finished") and FHIRPath with %previous and %current. */
export type TopicDefinition = {
  url: string; version?: string; title?: string;
  triggers: readonly {
    resource: string; interactions?: readonly Interaction[]; fhirPath?: string;
    query?: { previous?: string; current?: string; resultForCreate?: string; resultForDelete?: string; requireBoth?: boolean };
  }[];
  filters?: readonly TopicFilter[];
};

const triggersMax = 200;
const everyInteraction: readonly Interaction[] = ["create", "update", "delete"];

export function compileTopic({ url, version, title, triggers, filters = [] }: TopicDefinition): Result<Topic> {
  if (!/^(?:https?:\/\/|urn:)\S+$/.test(url) || url.includes("|")) return fail("value", `a topic needs an absolute url without version, found "${url.slice(0, 120)}"`);
  if (triggers.length === 0) return fail("required", `topic ${url} has no resourceTrigger`);
  if (triggers.length > triggersMax) return fail("too-costly", `topic ${url} has ${triggers.length} triggers; at most ${triggersMax} are taken`);
  const compiled: Trigger[] = [];
  for (const trigger of triggers) {
    const done = compileTrigger(trigger);
    if (!done.ok) return fail(done.failure.code, `topic ${url}: ${done.failure.text}`);
    compiled.push(done.value);
  }
  return ok({ url, triggers: compiled, filters, ...(version === undefined ? {} : { version }), ...(title === undefined ? {} : { title }) });
}

function compileTrigger({ resource, interactions = everyInteraction, query, fhirPath }: TopicDefinition["triggers"][number]): Result<Trigger> {
  if (!isResourceType(resource)) return fail("not-supported", `"${resource.slice(0, 80)}" is no resource type of FHIR R4`);
  const trigger: Trigger = { resource, interactions: new Set(interactions.length ? interactions : everyInteraction) };
  if (query) {
    const previous = query.previous === undefined ? undefined : criteria(resource, query.previous);
    const current = query.current === undefined ? undefined : criteria(resource, query.current);
    if (previous && !previous.ok) return previous;
    if (current && !current.ok) return current;
    trigger.query = {
      ...(previous ? { previous: previous.value } : {}), ...(current ? { current: current.value } : {}),
      resultForCreate: query.resultForCreate === "test-passes", resultForDelete: query.resultForDelete === "test-passes", requireBoth: query.requireBoth === true,
    };
  }
  if (fhirPath !== undefined) {
    const evaluator = compile(fhirPath, { variables: ["previous", "current"] });
    if (!evaluator.ok) return evaluator;
    trigger.fhirPath = evaluator.value;
  }
  return ok(trigger);
}

/** A search string that tests one resource: "status=finished", also "Encounter?status=finished". Result parameters are refused. */
export function criteria(type: string, text: string): Result<SearchQuery> {
  const raw = text.startsWith(`${type}?`) ? text.slice(type.length + 1) : text;
  const query = parseQuery(type, raw.replaceAll(" ", "%20"));
  if (!query.ok) return query;
  const { sort, count, includes, revincludes, summary, elements, total } = query.value;
  if (sort.length || count !== undefined || includes.length || revincludes.length || summary !== undefined || elements || total !== undefined)
    return fail("not-supported", `"${text.slice(0, 200)}" holds parameters that arrange results (_sort, _count, _include, …); criteria only test a resource`);
  if (!query.value.filters.every((filter) => standsAlone(filter) && !isOpen(filter)))
    return fail("not-supported", `"${text.slice(0, 200)}" asks other resources (chains, _has, _list, value sets, hierarchies); criteria test a resource by itself`);
  return query;
}

/** Whether a Basic resource is a topic. */
export const topicCode = { system: "http://hl7.org/fhir/fhir-types", code: "SubscriptionTopic" } as const;

const extensionPattern = /^http:\/\/hl7\.org\/fhir\/(?:4\.3|5\.0)\/StructureDefinition\/extension-SubscriptionTopic\.([A-Za-z]+)$/;
const artifactPattern = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/artifact-(url|version|title|status)$/;

/** Reads a topic from its Basic form. Topics that are retired are refused. */
export function topicOfBasic(basic: Extended): Result<Topic> {
  const members = new Map<string, Extension[]>();
  for (const extension of [...extensionsOf(basic), ...extensionsOf(basic, "modifierExtension")]) {
    const name = (extensionPattern.exec(extension.url) ?? artifactPattern.exec(extension.url))?.[1];
    if (name !== undefined) members.set(name, [...members.get(name) ?? [], extension]);
  }
  const text = (name: string): string | undefined => textOf(members.get(name)?.[0]);
  const status = text("status");
  if (status === "retired") return fail("not-supported", "the topic is retired");
  const url = text("url");
  if (url === undefined) return fail("required", "a topic as Basic needs the extension http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.url");
  const [version, title] = [text("version"), text("title")];
  return compileTopic({
    url, ...(version === undefined ? {} : { version }), ...(title === undefined ? {} : { title }),
    triggers: (members.get("resourceTrigger") ?? []).map(triggerOf),
    filters: (members.get("canFilterBy") ?? []).flatMap((one) => {
      const [resource, parameter] = [partOf(one, "resource"), partOf(one, "filterParameter")];
      return parameter === undefined ? [] : [{ parameter, ...(resource === undefined ? {} : { resource: typeName(resource) }) }];
    }),
  });
}

function triggerOf(extension: Extension): TopicDefinition["triggers"][number] {
  const interactions = extensionsOf(extension).filter(({ url }) => url === "supportedInteraction").map(textOf).filter((code): code is Interaction => everyInteraction.includes(code as Interaction));
  const fhirPath = partOf(extension, "fhirPathCriteria");
  const query = extensionsOf(extension).find(({ url }) => url === "queryCriteria");
  const requireBoth = query && extensionsOf(query).some((part) => part.url === "requireBoth" && part["valueBoolean"] === true);
  const word = (name: string): Record<string, string> => {
    const value = query && partOf(query, name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    resource: typeName(partOf(extension, "resource") ?? ""), interactions, ...(fhirPath === undefined ? {} : { fhirPath }),
    ...(query ? { query: { ...word("previous"), ...word("current"), ...word("resultForCreate"), ...word("resultForDelete"), requireBoth: requireBoth === true } } : {}),
  };
}

function partOf(extension: Extension, name: string): string | undefined {
  return textOf(extensionsOf(extension).find(({ url }) => url === name));
}

function textOf(extension: Extension | undefined): string | undefined {
  const value = extension && valueOf(extension);
  return typeof value === "string" ? value : undefined;
}

/** "Encounter" of a uri that names the type. */
function typeName(uri: string): string {
  return uri.startsWith("http://hl7.org/fhir/StructureDefinition/") ? uri.slice("http://hl7.org/fhir/StructureDefinition/".length) : uri;
}
