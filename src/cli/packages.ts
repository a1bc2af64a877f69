/** `--package PATH…`: the definitions and terminology a command works with beyond R4's own. */
import { loadPackages, type Loaded } from "#exchange/packages/load.ts";
import { createRegistry, type Registry } from "#fhir/profiles/registry.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import type { Terminology } from "#fhir/terminology/terminology.ts";
import type { CommandIo } from "./command.ts";

export type Definitions = Pick<Loaded, "resources"> & { registry: Registry; terminology: () => Terminology };

const terminologyTypes = new Set(["CodeSystem", "ValueSet", "ConceptMap"]);

/** Tells which packages were read and what could not be; undefined, after saying why, when a path is no package. */
export async function openPackages(paths: readonly string[], { stderr }: CommandIo): Promise<Definitions | undefined> {
  const loaded = await loadPackages(paths);
  if (!loaded.ok) { stderr.write(`${loaded.failure.text}\n`); return undefined; }
  const { resources, packages, notes } = loaded.value;
  for (const note of notes) stderr.write(`${note}\n`);
  if (packages.length) stderr.write(`Packages: ${packages.join(", ")}\n`);
  const registry = createRegistry(resources);
  for (const fault of registry.faults) stderr.write(`${fault.text}\n`);
  const own = resources.filter((one): one is TerminologyResource => terminologyTypes.has(one.resourceType));
  let terminology: Terminology | undefined;
  return { resources, registry, terminology: () => terminology ??= own.length ? r4Terminology().with(own) : r4Terminology() };
}
