import assert from "node:assert/strict";
import { test } from "node:test";
import { validateInSystemOperation } from "../operations/code-system-validate-code.ts";
import type { Parameter } from "../parameters.ts";
import { runSync } from "../provider.ts";
import { r4Terminology } from "../r4.ts";
import { cvx, cvxUrl as system } from "./cvx.ts";

const r4 = r4Terminology();

test("287 codes, each once, with one of the four statuses of the list", () => {
  const concepts = cvx().concept!;
  assert.equal(new Set(concepts.map(({ code }) => code)).size, 287);
  const statuses = new Map<unknown, number>();
  for (const { property } of concepts) statuses.set(property![0]!.valueString, (statuses.get(property![0]!.valueString) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(statuses), { Inactive: 117, Active: 113, "Non-US": 39, "Never Active": 18 });
});

test("short descriptions, full names and names of 2014 are the concept's; another name is not", () => {
  const fault = (code: string, display: string): string | undefined => (r4.inSystem({ system, code, display }) as { displayFault?: string }).displayFault;
  assert.equal(fault("140", "Influenza, split virus, trivalent, PF"), undefined);
  assert.equal(fault("140", "Influenza, split virus, trivalent, injectable, preservative free"), undefined);
  assert.equal(fault("140", "Influenza, seasonal, injectable, preservative free"), undefined); // as Synthea writes it
  assert.match(fault("140", "MMR")!, /Influenza, split virus/);
  assert.equal(r4.inSystem({ system, code: "99" }).kind, "not-member");
});

test("$validate-code warns of an earlier name and says today's", () => {
  const parameter: Parameter[] = [{ name: "url", valueUri: system }, { name: "code", valueCode: "113" }, { name: "display", valueString: "Td (adult) preservative free" }];
  const { body } = runSync(validateInSystemOperation({ source: r4, parameters: { resourceType: "Parameters", parameter } }));
  assert.deepEqual((body.parameter as Parameter[]).find(({ name }) => name === "result"), { name: "result", valueBoolean: true });
  assert.match(JSON.stringify(body), /"severity":"warning".*no longer considered a correct display.*Td \(adult\), 5 Lf tetanus toxoid/);
});

test("R4's vaccine-code takes every code of the system", () => {
  const member = (code: string): string => r4.memberOf("http://hl7.org/fhir/ValueSet/vaccine-code", { system, code }).kind;
  assert.deepEqual([member("207"), member("2070")], ["member", "not-member"]);
});
