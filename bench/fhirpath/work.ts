/** Work for the comparison of engines: pairs of an expression and a resource. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { searchParametersOf } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";

export type Pair = { expression: string; resource: Resource };

/** Every R4 search parameter's expression on each resource of its type. */
export function searchPairs(resources: readonly Resource[]): Pair[] {
  return resources.flatMap((resource) => searchParametersOf(resource.resourceType).flatMap(({ expression }) => (expression === undefined ? [] : [{ expression, resource }])));
}

/** Every expression of the suite that is to give a result, on its own resource, but for trace(), which one peer prints; none where the pack is not here. */
export async function suitePairs(): Promise<Pair[]> {
  const folder = join(process.env.SALUS_EXTERNAL_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url)), "fhirpath");
  if (!existsSync(folder)) return [];
  const { pairs } = await import("../../test/external/packs/fhirpath.ts");
  return pairs(folder).filter(({ expression }) => !expression.includes("trace("));
}
