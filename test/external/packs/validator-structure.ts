/**
 * Pack `validator`, base structure only: whatever we refuse, the reference validator refuses at the same element; what
 * it accepts, we accept. Cases whose faults lie in profiles, invariants, terminology or questionnaires are skipped.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "#fhir/json/document.ts";
import { validateResource } from "#fhir/validate/validate.ts";

export const pack = "validator";

type Listed = { file: string; name?: string; expected: { outcome: string } };
type Outcome = { issue?: { severity: string; expression?: string[] }[] };
type Case = { name: string; run: () => void; skip?: string };

export async function* cases(dir: string): AsyncGenerator<Case> {
  const read = JSON.parse(readFileSync(join(dir, "cases.json"), "utf8")) as Listed[] | { cases: Listed[] };
  const seen = new Map<string, number>();
  for (const listed of Array.isArray(read) ? read : read.cases) {
    const base = `structure ${listed.name ?? listed.file}`;
    const times = (seen.get(base) ?? 0) + 1;
    seen.set(base, times);
    const name = times === 1 ? base : `${base}#${times}`;
    const errors = (JSON.parse(readFileSync(join(dir, "outcomes", listed.expected.outcome), "utf8")) as Outcome).issue?.filter(i => i.severity === "error" || i.severity === "fatal") ?? [];
    const found = faults(readFileSync(join(dir, "resources", listed.file)));
    if (found.length === 0 && errors.length > 0) yield { name, run: () => {}, skip: "the faults expected lie beyond base structure" };
    else yield { name, run: () => {
      const expected = new Set(errors.flatMap(error => error.expression?.map(plain) ?? [""]));
      const beyond = found.filter(fault => !expected.has(fault.expression));
      assert.equal(beyond.length, 0, `refused here alone:\n${beyond.map(fault => fault.text).join("\n")}`);
    } };
  }
}

function faults(bytes: Buffer): { expression: string; text: string }[] {
  const parsed = parseDocument(bytes);
  if (!parsed.ok) return [{ expression: "", text: parsed.failure.text }];
  return validateResource(parsed.value.value).map(issue => ({ expression: plain(issue.expression ?? ""), text: issue.text }));
}

// The reference validator writes resource/*Patient/1*/ and value.ofType(Quantity) where our paths are plain.
function plain(expression: string): string {
  return expression.replace(/\/\*.*?\*\//g, "").replace(/\.ofType\(\w+\)/g, "").replace(/\[url='[^']*'\]/g, "");
}
