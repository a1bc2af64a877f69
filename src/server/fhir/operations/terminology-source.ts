/**
 * The terminology that a request sees: CodeSystems, ValueSets and ConceptMaps of the record that the caller may read,
 * over the large systems that were loaded, over R4's own.
 */
import type { Resource } from "#fhir/resource.ts";
import { layer } from "#fhir/terminology/layer.ts";
import { runAsync, type TerminologySource, type Work } from "#fhir/terminology/provider.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { Answer, Request } from "#fhir/terminology/operations/answer.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import { Terminology } from "#fhir/terminology/terminology.ts";
import { ok, type Result } from "#platform/result.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { OperationAnswer, OperationCall } from "./operation.ts";

/** Terminologies of single resources, by Type/id/version: indexing a large CodeSystem is done once. */
const keptOf = new WeakMap<OpenRecord, Map<string, Terminology>>();
const keptMax = 200;

/** Asks the record anew for each request, and once for each url within it. */
export function recordTerminology(record: OpenRecord, caller: Caller): TerminologySource {
  const asked = new Map<string, Promise<Terminology[]>>();
  const kept = keptOf.get(record) ?? new Map<string, Terminology>();
  keptOf.set(record, kept);
  const find = (type: TerminologyResource["resourceType"], query: Record<string, string>): Promise<Terminology[]> => {
    const text = `${new URLSearchParams(query).toString()}&_count=1000`;
    const key = `${type}?${text}`;
    let found = asked.get(key);
    if (!found) asked.set(key, found = search(type, text));
    return found;
  };
  async function search(type: string, query: string): Promise<Terminology[]> {
    const page = await record.search(caller, type, query);
    // A url that no search can ask for (a comma is escaped by its writer) names nothing here.
    if (!page.ok) return [];
    return page.value.entries.filter(({ mode }) => mode === "match").map(({ stored }) => {
      const key = `${stored.type}/${stored.id}/${stored.version}/${stored.lastUpdated}`;
      let terminology = kept.get(key);
      if (!terminology) {
        terminology = Terminology.of([JSON.parse(stored.text) as TerminologyResource]);
        if (kept.size >= keptMax) kept.delete(kept.keys().next().value!);
        kept.set(key, terminology);
      }
      return terminology;
    });
  }
  const escaped = (url: string): string => url.replace(/[\\$,|]/g, "\\$&");
  return {
    codeSystems: async (url) => (await find("CodeSystem", { url: escaped(url) })).flatMap((one) => ownSystems(one, url)),
    supplements: async (system) => (await find("CodeSystem", { supplements: escaped(system) })).flatMap((one) => one.supplements(system)),
    supplementByUrl: async (url) => (await find("CodeSystem", { url: escaped(url) })).map((one) => one.supplementByUrl(url)).find((one) => one !== undefined),
    valueSets: async (url) => (await find("ValueSet", { url: escaped(url) })).flatMap((one) => one.valueSets(url)),
    conceptMaps: async (query) => "url" in query
      ? (await find("ConceptMap", { url: escaped(query.url) })).flatMap((one) => one.conceptMaps(query))
      : (await find("ConceptMap", { "source-system": escaped(query.sourceSystem) })).flatMap((one) => one.conceptMaps(query)),
  };
}

/** Grammars (UCUM) are R4's to answer; a terminology of one resource would bring its own. */
function ownSystems(terminology: Terminology, url: string): ReturnType<Terminology["codeSystems"]> {
  return terminology.codeSystems(url).filter(({ header }) => header.grammar !== true);
}

export function sourceOf({ deps: { record }, caller }: Pick<OperationCall, "deps" | "caller">): TerminologySource {
  return layer(recordTerminology(record, caller), layer(record.terminology, r4Terminology()));
}

/** Runs one of the engine's operations. */
export async function runTerminology(call: OperationCall, work: (request: Request) => Work<Answer>): Promise<Result<OperationAnswer>> {
  const { parameters, language } = call;
  const { status, body } = await runAsync(work({ source: sourceOf(call), parameters, ...(language === undefined ? {} : { language }) }));
  return ok({ status, text: JSON.stringify(body) });
}

/** The instance that an operation is called on, as a parameter of the operation on its type. */
export async function withInstance(call: OperationCall, name: string): Promise<Result<OperationCall>> {
  if (call.level !== "instance") return ok(call);
  const found = await readInstance(call);
  if (!found.ok) return found;
  const parameter = [...(call.parameters.parameter ?? []).filter((one) => one.name !== name && one.name !== "url"), { name, resource: found.value }];
  return ok({ ...call, parameters: { resourceType: "Parameters", parameter } });
}

/** The resource of the address, or "not-found", alike for what is unknown and what is beyond reach. */
export async function readInstance({ deps: { record }, caller, type, id }: Pick<OperationCall, "deps" | "caller" | "type" | "id">): Promise<Result<Resource>> {
  const found = await record.read(caller, { type, id });
  switch (found.kind) {
    case "current": return ok(JSON.parse(found.stored.text) as Resource);
    case "deleted": return { ok: false, failure: { code: "deleted", text: `${type}/${id} was deleted.` } };
    case "absent": return { ok: false, failure: { code: "not-found", text: `${type}/${id} is not known.` } };
  }
}
