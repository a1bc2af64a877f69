/**
 * FHIR packages: what a package says of itself, its definitions, and which packages it needs. Offline: dependencies are
 * looked for among packages that are at hand. Source: https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseDocument } from "../json/document.ts";
import type { Resource } from "../resource.ts";

export type FhirPackage = {
  name: string;
  version: string;
  /** Name → version, as written. */
  dependencies: ReadonlyMap<string, string>;
  /** Conformance resources; examples are not among them. */
  resources: readonly Resource[];
  /** Files that could not be read, each with the reason. */
  faults: readonly string[];
};

export type PackageFile = { name: string; text: string | Uint8Array };

const fileBytesMax = 128 << 20;
const faultsMax = 50;
/** R4 itself is always here. */
const core = /^hl7\.fhir\.(?:r4\.(?:core|expansions|elements)|core)$/;

/** `files`: of the folder "package", by their names inside it. Failure `invalid`: no package.json that says what it is. */
export function readPackage(files: Iterable<PackageFile>, where: string): Result<FhirPackage> {
  const resources: Resource[] = [], faults: string[] = [];
  let manifest: Manifest | undefined;
  for (const { name, text } of files) {
    if (!name.endsWith(".json") || name.includes("/") || name.startsWith(".")) continue;
    if (name === "package.json") { manifest = readManifest(text); continue; }
    const read = parseDocument(text, { sizeMax: fileBytesMax });
    if (read.ok) resources.push(read.value.value);
    else if (faults.length < faultsMax) faults.push(`${where}: ${name}: ${read.failure.text}`);
  }
  if (!manifest) return fail("invalid", `${where}: has no package.json with name and version; name a FHIR package (.tgz or its folder), or a folder of definitions`);
  return ok({ ...manifest, resources, faults });
}

type Manifest = Pick<FhirPackage, "name" | "version" | "dependencies">;

function readManifest(text: string | Uint8Array): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(typeof text === "string" ? text : new TextDecoder().decode(text));
  } catch {
    return undefined;
  }
  const { name, version, dependencies } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof name === "string" && typeof version === "string" ? { name, version, dependencies: dependenciesOf(dependencies) } : undefined;
}

function dependenciesOf(value: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof value === "object" && value !== null) for (const [name, version] of Object.entries(value)) if (typeof version === "string") found.set(name, version);
  return found;
}

/** One package's name and version as a folder of a package cache writes them: "hl7.fhir.us.core#6.1.0". */
export function packageKey(text: string): { name: string; version: string } | undefined {
  const match = /^([A-Za-z0-9][\w.-]*)#([\w.+-]+)$/.exec(text);
  return match ? { name: match[1]!, version: match[2]! } : undefined;
}

/**
 * The version among those at hand that a dependency asks for: the same; for "1.2.x" and "latest" the highest that fits;
 * undefined when there is none. R4's own packages need not be there.
 */
export function pick(name: string, wanted: string, available: readonly string[]): string | undefined {
  if (core.test(name)) return undefined;
  if (available.includes(wanted)) return wanted;
  const open = wanted === "latest" || wanted === "current" || wanted === "*";
  const prefix = /^(\d+(?:\.\d+)*)\.x$/.exec(wanted)?.[1];
  if (!open && prefix === undefined) return undefined;
  return [...available].filter((version) => open || version.startsWith(`${prefix}.`)).sort(byVersion).at(-1);
}

export function isCore(name: string): boolean {
  return core.test(name);
}

function byVersion(a: string, b: string): number {
  const left = a.split(/[.-]/), right = b.split(/[.-]/);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = Number(left[i] ?? -1) - Number(right[i] ?? -1);
    // A label ("1.0.0-ballot") comes before the release.
    if (Number.isNaN(difference)) return (left[i] ?? "~") < (right[i] ?? "~") ? -1 : 1;
    if (difference !== 0) return difference;
  }
  return 0;
}
