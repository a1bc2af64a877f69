/**
 * Pack `validator`: the reference validator's cases. Two cases of ours for each pass (base R4, then the profile where there
 * is one): the verdict, valid or not; and the places of the errors, each error's expression. Messages are not compared.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "#fhir/json/document.ts";
import { createRegistry } from "#fhir/profiles/registry.ts";
import type { Resource } from "#fhir/resource.ts";
import { createValidator, type Settings } from "#fhir/validate/validator.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import { terminologyOf } from "../validate/terminology.ts";

export const pack = "validator";

type Expected = { outcome: string };
type Listed = {
  file: string; name: string; supporting: string[]; expected: Expected; options?: Record<string, unknown>;
  profile?: { source: string; supporting: string[]; expected: Expected };
};
type Outcome = { issue?: { severity: string; expression?: string[] }[] };
type Case = { name: string; run: () => void };
type Errors = { expression: string; text: string }[];

export async function* cases(dir: string): AsyncGenerator<Case> {
  const read = JSON.parse(readFileSync(join(dir, "cases.json"), "utf8")) as Listed[];
  const seen = new Map<string, number>();
  for (const listed of read) {
    const times = (seen.get(listed.name) ?? 0) + 1;
    seen.set(listed.name, times);
    const name = times === 1 ? listed.name : `${listed.name}#${times}`;
    yield* pass(dir, name, listed, undefined);
    if (listed.profile) yield* pass(dir, `${name} with profile`, listed, listed.profile);
  }
}

function* pass(dir: string, name: string, listed: Listed, profile: Listed["profile"]): Generator<Case> {
  const outcome = JSON.parse(readFileSync(join(dir, "outcomes", (profile?.expected ?? listed.expected).outcome), "utf8")) as Outcome;
  const expected = (outcome.issue ?? []).filter(({ severity }) => severity === "error" || severity === "fatal").map(({ expression }) => plain(expression?.[0] ?? ""));
  let found: Errors | undefined;
  const errors = (): Errors => found ??= validated(dir, listed, profile);
  yield { name: `verdict ${name}`, run: () => {
    const list = errors().map(({ text }) => text).join("\n");
    assert.equal(errors().length === 0, expected.length === 0, expected.length === 0 ? `refused here alone:\n${list}` : `accepted here; expected errors at ${[...new Set(expected)].join(", ")}`);
  } };
  if (expected.length > 0) yield { name: `places ${name}`, run: () => {
    const places = [...new Set(errors().map(({ expression }) => plain(expression)))].sort();
    assert.deepEqual(places, [...new Set(expected)].sort(), errors().map(({ text }) => text).join("\n"));
  } };
}

function validated(dir: string, listed: Listed, profile: Listed["profile"]): Errors {
  const parsed = parseDocument(readFileSync(join(dir, "resources", listed.file)));
  if (!parsed.ok) return [{ expression: parsed.failure.issues?.[0]?.expression ?? "", text: parsed.failure.text }];
  const supporting = [...listed.supporting, ...profile ? [profile.source, ...profile.supporting] : []].flatMap((file) => load(join(dir, "resources", file)) ?? []);
  const registry = createRegistry(supporting);
  const validator = createValidator({ registry, terminology: terminologyOf(supporting), settings: settings(listed.options ?? {}) });
  const source = profile && load(join(dir, "resources", profile.source));
  const { issues } = validator.validate(parsed.value.value, {
    profiles: typeof source?.url === "string" ? [source.url] : [],
    canonicalType: (url) => registry.resource(url)?.resourceType ?? (r4Terminology().valueSets(url.split("|")[0]!).length > 0 ? "ValueSet" : undefined),
  });
  return issues.filter(({ severity }) => severity === "error" || severity === "fatal").map(({ expression, text }) => ({ expression: expression ?? "", text }));
}

/** Undefined: no resource of R4 (a map, a library's text). */
function load(file: string): Resource | undefined {
  const text = readFileSync(file, "utf8");
  const json = file.endsWith(".xml") ? jsonFromXml(text) : parseDocument(text);
  if (!json.ok) return undefined;
  const value: unknown = typeof json.value === "string" ? JSON.parse(json.value) : json.value.value;
  return value as Resource;
}

/** The pack's switches: the reference validator's test run refuses unknown extensions and takes example URLs unless told otherwise. */
function settings(options: Record<string, unknown>): Partial<Settings> {
  const domain = options["allowed-extension-domain"];
  return {
    // HL7's extensions package, which the reference validator always has, is not part of R4 and not here.
    unknownExtensions: "error", extensionDomains: ["http://hl7.org/fhir/StructureDefinition/", ...typeof domain === "string" ? [domain] : []],
    exampleUrls: options.examples === false ? "refuse" : "accept",
    htmlInStrings: options["security-checks"] === true ? "error" : "information",
    htmlInMarkdown: options.noHtmlInMarkdown === true ? "error" : "warning",
    restReferences: options.assumeValidRestReferences === true,
    operationProfiles: "equal", places: "hl7",
    checkTargets: options.validateReference === "CHECK_EXISTS_AND_TYPE",
  };
}

/** The reference validator names resources in comments, the types of choices, and urls of extensions; our paths are plain. */
function plain(expression: string): string {
  return expression.replace(/\/\*.*?\*\//g, "").replace(/\.ofType\(\w+\)/g, "").replace(/\[url='[^']*'\]/g, "");
}
