/** Synthea's transaction Bundles of the external data, and their resources as lines. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Resource } from "#fhir/resource.ts";

/** Empty where the data are not there. */
export function syntheaBundles(): string[] {
  const folder = join(process.env.SALUS_EXTERNAL_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url)), "synthea", "bundles");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => readFileSync(join(folder, name), "utf8")) : [];
}

/** Ids of a round end in its number; references inside follow. What recurs in several Bundles comes once a round. */
export function linesOf(texts: readonly string[], rounds: number): string[] {
  const lines = new Map<string, string>();
  for (let round = 0; round < rounds; round++) for (const text of texts) {
    const { entry } = JSON.parse(text) as { entry: { fullUrl: string; resource: Resource }[] };
    const names = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}-${round}`]));
    for (const { resource } of entry) {
      resource.id = `${resource.id}-${round}`;
      lines.set(`${resource.resourceType}/${resource.id}`, JSON.stringify(resource, (name, value: unknown) => name === "reference" && typeof value === "string" ? names.get(value) ?? value : value));
    }
  }
  return [...lines.values()];
}
