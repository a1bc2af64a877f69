/** CodeSystems, ValueSets and ConceptMaps of the record that a caller may read, as a source of the terminology engine. */
import type { TerminologySource } from "#fhir/terminology/provider.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import { Terminology } from "#fhir/terminology/terminology.ts";
import type { Caller, HealthRecord } from "../record.ts";

type Searchable = Pick<HealthRecord, "search">;

/** Terminologies of single resources, by Type/id/version: indexing a large CodeSystem is done once. */
const keptOf = new WeakMap<Searchable, Map<string, Terminology>>();
const keptMax = 200;

/** Asks the record anew for each request, and once for each url within it. */
export function recordTerminology(record: Searchable, caller: Caller): TerminologySource {
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
