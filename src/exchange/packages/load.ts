/**
 * Definitions from disk: a FHIR package (.tgz or unpacked), a folder of definitions (JSON or XML), or a folder of
 * packages such as ~/.fhir/packages, from which only what others depend on is taken. Nothing is fetched.
 */
import { readFile, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fail, ok, type Result } from "#platform/result.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { isCore, packageKey, pick, readPackage, type FhirPackage, type PackageFile } from "#fhir/profiles/package.ts";
import { readTar } from "#fhir/profiles/tar.ts";
import type { Resource } from "#fhir/resource.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";

export type Loaded = {
  resources: Resource[];
  /** "name#version" in the order they were taken. */
  packages: string[];
  /** What was left out or is missing, and why. */
  notes: string[];
};

const unpackedBytesMax = 1 << 30;
const filesMax = 50_000;
const packagesMax = 500;

/** Where packages lie that others may depend on: name → version → path. */
type Shelf = Map<string, Map<string, string>>;

/** Failure `not-found` or `invalid` names the path. */
export async function loadPackages(paths: readonly string[]): Promise<Result<Loaded>> {
  const loaded: Loaded = { resources: [], packages: [], notes: [] };
  const shelf: Shelf = new Map();
  const open: FhirPackage[] = [];
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined);
    if (!info) return fail("not-found", `${path} is not there; name a package, or a folder of definitions`);
    const read = info.isDirectory() ? await readFolder(path, shelf, loaded) : await readFileOf(path, loaded);
    if (!read.ok) return read;
    if (read.value) open.push(read.value);
  }
  const taken = new Map<string, string>();
  for (let next = open.shift(); next; next = open.shift()) {
    if (taken.get(next.name) === next.version) continue;
    if (loaded.packages.length >= packagesMax) return fail("too-costly", `more than ${packagesMax} packages depend on one another`);
    taken.set(next.name, next.version);
    loaded.packages.push(`${next.name}#${next.version}`);
    loaded.notes.push(...next.faults);
    for (const resource of next.resources) loaded.resources.push(resource);
    for (const [name, wanted] of next.dependencies) {
      if (isCore(name) || taken.has(name) || open.some((one) => one.name === name)) continue;
      const versions = shelf.get(name) ?? new Map<string, string>();
      const version = pick(name, wanted, [...versions.keys()]);
      if (version === undefined) {
        loaded.notes.push(`${next.name} depends on ${name}#${wanted}, which is not at hand${versions.size ? ` (there is ${[...versions.keys()].join(", ")})` : ""}; add it with --package`);
        continue;
      }
      const found = await packageAt(versions.get(version)!);
      if (!found.ok) return found;
      open.push(found.value);
    }
  }
  return ok(loaded);
}

async function readFileOf(path: string, loaded: Loaded): Promise<Result<FhirPackage | undefined>> {
  if (/\.(tgz|tar\.gz)$/.test(path)) return packageAt(path);
  const resource = await readResource(path);
  if (!resource.ok) return resource;
  add(resource.value, loaded);
  return ok(undefined);
}

async function readFolder(folder: string, shelf: Shelf, loaded: Loaded): Promise<Result<FhirPackage | undefined>> {
  const names = await readdir(folder);
  if (names.includes("package.json") || (names.includes("package") && (await readdir(join(folder, "package")).catch((): string[] => [])).includes("package.json"))) return packageAt(folder);
  let shelved = 0;
  for (const name of names) {
    const key = packageKey(name.replace(/\.(tgz|tar\.gz)$/, ""));
    const path = join(folder, name);
    const known = key ?? (/\.tgz$/.test(name) ? await keyOf(path) : undefined);
    if (!known) continue;
    shelved += 1;
    const versions = shelf.get(known.name) ?? new Map<string, string>();
    versions.set(known.version, path);
    shelf.set(known.name, versions);
  }
  if (shelved > 0) return ok(undefined);
  const files = names.filter((name) => /\.(json|xml)$/.test(name) && !name.startsWith(".")).sort();
  if (files.length === 0) return fail("invalid", `${folder} holds neither a package nor definitions (.json, .xml)`);
  if (files.length > filesMax) return fail("too-costly", `${folder} holds ${files.length} files; ${filesMax} are the most`);
  for (const name of files) {
    const read = await readResource(join(folder, name));
    if (read.ok) add(read.value, loaded);
    else loaded.notes.push(read.failure.text);
  }
  return ok(undefined);
}

async function keyOf(path: string): Promise<{ name: string; version: string } | undefined> {
  const read = await packageAt(path);
  return read.ok ? { name: read.value.name, version: read.value.version } : undefined;
}

async function packageAt(path: string): Promise<Result<FhirPackage>> {
  if ((await stat(path)).isDirectory()) {
    const names = await readdir(path);
    const folder = names.includes("package.json") ? path : join(path, "package");
    const files: PackageFile[] = [];
    for (const name of (await readdir(folder)).filter((one) => one.endsWith(".json")).slice(0, filesMax)) files.push({ name, text: await readFile(join(folder, name)) });
    return readPackage(files, path);
  }
  let unpacked: Buffer;
  try {
    unpacked = gunzipSync(await readFile(path), { maxOutputLength: unpackedBytesMax });
  } catch (error) {
    return fail("invalid", `${path} cannot be unpacked: ${(error as Error).message}`);
  }
  const files = readTar(unpacked);
  if (!files.ok) return fail(files.failure.code, `${path}: ${files.failure.text}`);
  return readPackage(files.value.filter(({ name }) => name.startsWith("package/")).map(({ name, bytes }) => ({ name: name.slice("package/".length), text: bytes })), basename(path));
}

/** A resource as JSON or XML; a Bundle or several in one is the caller's matter. */
export async function readResource(path: string): Promise<Result<Resource>> {
  const bytes = await readFile(path);
  const json = path.endsWith(".xml") ? jsonFromXml(bytes) : ok(bytes);
  if (!json.ok) return fail(json.failure.code, `${path}: ${json.failure.text}`);
  const parsed = parseDocument(json.value, { sizeMax: 256 << 20 });
  return parsed.ok ? ok(parsed.value.value) : fail(parsed.failure.code, `${path}: ${parsed.failure.text}`);
}

/** Definitions may come in a Bundle. */
function add(resource: Resource, { resources }: Loaded): void {
  if (typeof resource.resourceType !== "string") return;
  resources.push(resource);
  if (resource.resourceType !== "Bundle" || !Array.isArray(resource.entry)) return;
  for (const entry of resource.entry as ({ resource?: Resource } | null)[]) if (typeof entry?.resource?.resourceType === "string") resources.push(entry.resource);
}
