/** What every good resource file must do: JSON → XML → JSON without loss, number literals and narrative included. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseLiterals } from "#fhir/json/literals.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlFromJson } from "#fhir/xml/to-xml.ts";
import type { Result } from "#platform/result.ts";

export type RoundTripCase = { name: string; run: () => void };

/** One case per JSON file of the folders, named "xml <file>". */
export async function* roundTrips(dir: string, folders: readonly string[]): AsyncGenerator<RoundTripCase> {
  for (const folder of folders)
    for (const file of readdirSync(join(dir, folder)).filter(name => name.endsWith(".json")).sort())
      yield { name: `xml ${file}`, run: () => checkRoundTrip(readFileSync(join(dir, folder, file), "utf8")) };
}

function checkRoundTrip(json: string): void {
  const xml = must(xmlFromJson(json));
  const back = must(jsonFromXml(xml));
  assert.deepEqual(must(parseLiterals(back)), must(parseLiterals(json)));
  assert.equal(must(xmlFromJson(back)), xml);
}

function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}
