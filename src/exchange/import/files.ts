/** What there is to import under the paths given, each file's form told by its content. */
import { open, readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { formOf, splitFhir, type FhirForm, type SourceResource } from "../fhir/split.ts";
import { identityOf } from "#record/import/identity.ts";
import type { Result } from "#platform/result.ts";

export type ImportFile = { path: string; bytes: number } & ({ form: FhirForm } | { form: "wfdb" } | { form: "unknown"; reason: string });

/** Files that belong to a WFDB record and are read with its header. */
const companions = new Set([".dat", ".atr", ".qrs", ".ecg", ".xws"]);

export async function filesUnder(paths: readonly string[]): Promise<ImportFile[]> {
  const files: ImportFile[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) files.push({ path, bytes: 0, form: "unknown", reason: "there is no such file or folder" });
    else if (found.isDirectory()) {
      const inside = (await readdir(path, { recursive: true, withFileTypes: true })).filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name)).sort();
      const headers = new Set(inside.filter((file) => extname(file) === ".hea").map(stem));
      for (const file of inside) {
        if (!companions.has(extname(file))) files.push(await look(file));
        else if (extname(file) === ".dat" && !headers.has(stem(file)) && !(await isNamedByHeader(file, inside))) files.push({ path: file, bytes: 0, form: "unknown", reason: `it is the signal file of a WFDB record whose header (${basename(stem(file))}.hea) is not beside it` });
      }
    } else files.push(await look(path));
  }
  // Shared resources (organisations, practitioners) first would be kinder to readers of a half-done import, but order does not matter to the record.
  return files;
}

function stem(file: string): string {
  return file.slice(0, file.length - extname(file).length);
}

/** A header may name its signal files otherwise than itself. */
async function isNamedByHeader(file: string, inside: readonly string[]): Promise<boolean> {
  const name = basename(file);
  for (const header of inside.filter((one) => extname(one) === ".hea" && dirname(one) === dirname(file)))
    if ((await readFile(header, "latin1").catch(() => "")).slice(0, 65_536).includes(name)) return true;
  return false;
}

async function look(path: string): Promise<ImportFile> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const head = Buffer.alloc(Math.min(size, 1 << 16));
    await file.read(head, 0, head.length, 0);
    if (extname(path) === ".hea" || companions.has(extname(path))) return { path, bytes: size, form: "wfdb" };
    const form = formOf(head);
    if (form) return { path, bytes: size, form };
    return { path, bytes: size, form: "unknown", reason: size === 0 ? "the file is empty" : "it is neither FHIR JSON (a resource, a Bundle, NDJSON) nor a WFDB header" };
  } finally {
    await file.close();
  }
}

/** First pass over a Bundle: what its references call each entry, as "Type/id" on this node. */
export async function namesInBundle(path: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const entry of splitFhir(path, "bundle")) {
    if (!entry.ok || entry.value.fullUrl === undefined) continue;
    const identity = identityIn(entry);
    if (identity) names.set(entry.value.fullUrl, identity);
  }
  return names;
}

function identityIn(entry: Result<SourceResource>): string | undefined {
  if (!entry.ok) return undefined;
  try {
    const value = JSON.parse(entry.value.text) as { resourceType: string; id?: unknown };
    const { type, id } = identityOf(value, entry.value.text);
    return `${type}/${id}`;
  } catch {
    return undefined;
  }
}
