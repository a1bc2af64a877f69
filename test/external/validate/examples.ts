/** Examples of an implementation guide, each against the profiles its meta.profile claims, with the guide's own definitions. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRegistry } from "#fhir/profiles/registry.ts";
import type { Resource } from "#fhir/resource.ts";
import { createValidator } from "#fhir/validate/validator.ts";
import { terminologyOf } from "./terminology.ts";

export type ExampleCase = { name: string; run: () => void };

export async function* conformingExamples(dir: string, definitions: string, examples: string): AsyncGenerator<ExampleCase> {
  // Sources carry versions of their own; the publisher writes the guide's, which the examples claim.
  const resources = read(join(dir, definitions)).map(({ file, resource }) => ({ file, resource: withoutVersion(resource) }));
  const all = read(join(dir, examples));
  const byKey = new Map(all.map(({ resource }) => [`${resource.resourceType}/${resource.id ?? ""}`, resource]));
  const given = [...resources, ...all].map(({ resource }) => resource);
  const validator = createValidator({ registry: createRegistry(given), terminology: terminologyOf(given) });
  for (const { file, resource } of all) yield { name: `profiles ${file}`, run: () => {
    const { issues } = validator.validate(resource, { resolve: (reference) => byKey.get(reference) });
    const errors = issues.filter(({ severity }) => severity === "error" || severity === "fatal").map(({ text }) => text);
    assert.equal(errors.length, 0, errors.join("\n"));
  } };
}

function withoutVersion({ version: _, ...resource }: Resource): Resource {
  return resource;
}

function read(folder: string): { file: string; resource: Resource }[] {
  return readdirSync(folder).filter((file) => file.endsWith(".json")).sort()
    .map((file) => ({ file, resource: JSON.parse(readFileSync(join(folder, file), "utf8")) as Resource })).filter(({ resource }) => typeof resource.resourceType === "string");
}
