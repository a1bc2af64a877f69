/** Pack `sql-on-fhir`: the ViewDefinition suite of SQL on FHIR v2 (tests/*.json, each with its resources). */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "#fhir/resource.ts";
import { compileView } from "#fhir/views/compile.ts";
import { parseDigits } from "#fhir/views/read.ts";

export const pack = "sql-on-fhir";

type Row = Record<string, unknown>;
type Test = { title: string; view: unknown; expect?: Row[]; expectError?: boolean; expectColumns?: string[]; expectCount?: number };
type Suite = { title: string; fhirVersion?: string[]; resources: Resource[]; tests: Test[] };
export type Case = { name: string; run: () => void; skip?: string };

export async function* cases(dir: string): AsyncGenerator<Case> {
  for (const file of readdirSync(join(dir, "tests")).filter((name) => name.endsWith(".json")).sort()) {
    const text = readFileSync(join(dir, "tests", file), "utf8");
    const suite = JSON.parse(text) as Suite;
    const digits = (parseDigits(text) as Suite).resources;
    const foreign = suite.fhirVersion !== undefined && !suite.fhirVersion.includes("4.0.1");
    for (const test of suite.tests)
      yield { name: `${file.slice(0, -5)}/${test.title}`, run: () => { check(test, suite.resources, digits); }, ...(foreign ? { skip: `for FHIR ${suite.fhirVersion!.join(", ")}, not R4` } : {}) };
  }
}

function rowsOf(view: unknown, resources: readonly Resource[], digits: readonly Resource[]): { rows: Row[]; columns: string[] } {
  const compiled = compileView(view);
  if (!compiled.ok) throw new Error(compiled.failure.text);
  const columns = compiled.value.columns.map(({ name }) => name);
  const rows: Row[] = [];
  for (const resource of compiled.value.digits ? digits : resources) {
    const failure = compiled.value.each(resource, (cells) => { rows.push(Object.fromEntries(columns.map((name, i) => [name, structuredClone(cells[i])]))); });
    if (failure) throw new Error(failure.text);
  }
  return { rows, columns };
}

function check(test: Test, resources: readonly Resource[], digits: readonly Resource[]): void {
  if (test.expectError) { assert.throws(() => rowsOf(test.view, resources, digits), "must be refused"); return; }
  const { rows, columns } = rowsOf(test.view, resources, digits);
  if (test.expectColumns) assert.deepEqual(columns, test.expectColumns);
  if (test.expectCount !== undefined) assert.equal(rows.length, test.expectCount);
  if (test.expect) assert.deepEqual(sorted(rows, columns), sorted(test.expect, columns));
}

/** Rows in any order; a column that an expected row leaves out is null. */
function sorted(rows: readonly Row[], columns: readonly string[]): string[] {
  const names = [...new Set([...columns, ...rows.flatMap(Object.keys)])].sort();
  return rows.map((row) => JSON.stringify(names.map((name) => [name, row[name] ?? null]))).sort();
}
