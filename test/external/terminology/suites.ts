/** The terminology ecosystem's suites as they lie in the pack: SOURCE.md there says how to read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Parameter, Parameters } from "#fhir/terminology/parameters.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import type { Texts } from "./match.ts";

export type Test = { name: string; operation: string; request?: string; response: string; profile?: string; "http-code"?: string; "Accept-Language"?: string; mode?: string; [more: string]: unknown };
type Suite = { name: string; setup?: string[]; tests: Test[] };

/** `more`: parameters that the pack adds to every request, and to this one. */
export type Case = { name: string; test: Test; setup: readonly TerminologyResource[]; more: readonly Parameter[] };

export type Suites = { read(file: string): unknown; each: Iterable<Case>; texts: Record<string, Texts> };

export function readSuites(dir: string): Suites {
  const folder = join(dir, "tests");
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8").replace(/^\uFEFF/, ""));
  const { suites } = read("test-cases.json") as { suites: Suite[] };
  const defaults = read("parameters-default.json") as Parameters;
  function* each(): Iterable<Case> {
    for (const { name: suite, setup: files = [], tests } of suites) {
      const setup = files.map(read) as TerminologyResource[];
      const seen = new Map<string, number>();
      for (const test of tests) {
        const times = (seen.get(test.name) ?? 0) + 1;
        seen.set(test.name, times);
        const more = [defaults, ...(test.profile === undefined ? [] : [read(test.profile) as Parameters])].flatMap(({ parameter }) => parameter ?? []);
        yield { name: `${suite}/${test.name}${times > 1 ? ` (${times})` : ""}`, test, setup, more };
      }
    }
  }
  return { read, each: each(), texts: read("messages-tx.fhir.org.json") as Record<string, Texts> };
}
