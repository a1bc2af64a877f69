/**
 * The definitions that validating a resource needs and R4 itself does not have, as far as the record holds them and the
 * caller may read them: profiles, extensions, value sets, code systems, Questionnaires and Measures named by it, and by
 * those again.
 */
import { splitCanonical } from "#fhir/canonical.ts";
import { createRegistry } from "#fhir/profiles/registry.ts";
import type { Resource } from "#fhir/resource.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";

const roundsMax = 12;
const definitionsMax = 2000;
/** Urls in one search. */
const batch = 50;
const depthMax = 100;

const types = ["StructureDefinition", "ValueSet", "CodeSystem", "Questionnaire", "Measure"];
/** Members whose text names a definition: in definitions, and in the resources they define. */
const naming = new Set(["profile", "targetProfile", "baseDefinition", "valueSet", "url", "system", "questionnaire", "measure", "derivedFrom", "supplements"]);

export async function definitionsFor(record: OpenRecord, caller: Caller, resource: unknown, profiles: readonly string[]): Promise<Resource[]> {
  const asked = new Set<string>();
  const found = new Map<string, Resource>();
  let next = new Set(profiles.map((canonical) => splitCanonical(canonical).url));
  collect(resource, next, 0);
  for (let round = 0; round < roundsMax && found.size < definitionsMax; round++) {
    const urls = [...next].filter((url) => !asked.has(url) && !isOwn(url));
    if (urls.length === 0) break;
    for (const url of urls) asked.add(url);
    next = new Set();
    for (let at = 0; at < urls.length; at += batch) {
      const query = `url=${urls.slice(at, at + batch).map((url) => encodeURIComponent(url.replace(/[\\$,|]/g, "\\$&"))).join(",")}&_count=1000`;
      for (const type of types) {
        const page = await record.search(caller, type, query);
        for (const { mode, stored } of page.ok ? page.value.entries : []) {
          if (mode !== "match" || found.size >= definitionsMax) continue;
          const definition = JSON.parse(stored.text) as Resource;
          found.set(`${stored.type}/${stored.id}`, definition);
          collect(definition, next, 0);
        }
      }
    }
  }
  return [...found.values()];
}

let base: ReturnType<typeof createRegistry> | undefined;

/** Whether R4 defines it: those stand whatever the record holds. */
function isOwn(url: string): boolean {
  base ??= createRegistry();
  return base.structure(url) !== undefined || r4Terminology().valueSets(url).length > 0 || r4Terminology().codeSystems(url).length > 0;
}

function collect(value: unknown, into: Set<string>, depth: number): void {
  if (typeof value !== "object" || value === null || depth > depthMax) return;
  for (const [name, member] of Object.entries(value)) {
    if (naming.has(name)) for (const one of [member].flat()) if (typeof one === "string" && one.includes(":") && one.length < 1000) into.add(splitCanonical(one).url);
    if (typeof member === "object") collect(member, into, depth + 1);
  }
}
