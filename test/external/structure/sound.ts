/** What every good resource file must do: pass the door, be structurally sound, and keep its content when stamped. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundleEntries } from "#fhir/json/bundle.ts";
import { parseDocument, type Document } from "#fhir/json/document.ts";
import { restamp } from "#fhir/json/restamp.ts";
import { validateResource } from "#fhir/validate/validate.ts";

export type StructureCase = { name: string; run: () => void };

/** One case per JSON file of the folders, named "structure <file>". */
export async function* soundFiles(dir: string, folders: readonly string[]): AsyncGenerator<StructureCase> {
  for (const folder of folders)
    for (const file of readdirSync(join(dir, folder)).filter(name => name.endsWith(".json")).sort())
      yield { name: `structure ${file}`, run: () => checkSound(readFileSync(join(dir, folder, file))) };
}

function checkSound(bytes: Buffer): void {
  const parsed = parseDocument(bytes);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.failure.text);
  const issues = validateResource(parsed.value.value);
  assert.equal(issues.length, 0, issues.map(issue => issue.text).join("\n"));
  checkStamped(parsed.value);
  if (parsed.value.value.resourceType !== "Bundle") return;
  const entries = bundleEntries(parsed.value);
  assert.ok(entries.ok, entries.ok ? "" : entries.failure.text);
  assert.equal(entries.value.length, (parsed.value.value.entry as unknown[] | undefined)?.length ?? 0);
  for (const entry of entries.value) if (entry.document) checkStamped(entry.document);
}

/** Members, their order and number literals are those of the source; id and meta's own members are the stamp's. */
function checkStamped(document: Document): void {
  const stamp = { id: "stamped", meta: { versionId: "1", lastUpdated: "2026-01-01T00:00:00.000Z" } };
  const text = restamp(document, stamp);
  const { id, meta, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const { id: _, meta: before, ...source } = document.value;
  assert.equal(id, stamp.id);
  assert.deepEqual(meta, { ...before, ...stamp.meta });
  assert.equal(JSON.stringify(rest), JSON.stringify(source));
  assert.deepEqual(numbers(text), numbers(document.text));
}

function numbers(text: string): string[] {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
}
