import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";
import type { ReferenceRow } from "./rows.ts";

const bases = ["https://salus.example/fhir/R4"];

function subjectRows(subject: unknown, options = {}): Omit<ReferenceRow, "param">[] {
  return indexRows({ resourceType: "Observation", subject }, options).references.filter((row) => row.param === "subject").map(({ param: _, ...row }) => row);
}

test("#reference: forms of a reference", () => {
  const table: [object, Omit<ReferenceRow, "param">[]][] = [
    [{ reference: "Patient/1" }, [{ targetType: "Patient", targetId: "1" }]],
    [{ reference: "Patient/1/_history/2" }, [{ targetType: "Patient", targetId: "1", version: "2" }]],
    [{ reference: "https://other.example/fhir/Patient/1" }, [{ targetType: "Patient", url: "https://other.example/fhir/Patient/1" }]],
    [{ reference: "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", type: "Patient" }, [{ url: "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", targetType: "Patient" }]],
    [{ type: "Patient", identifier: { system: "urn:mrn", value: "7" } }, [{ targetType: "Patient", identifierSystem: "urn:mrn", identifierValue: "7" }]],
    [{ reference: "Patient/1", identifier: { value: "7" } }, [{ targetType: "Patient", targetId: "1", identifierValue: "7" }]],
    [{ reference: "#c" }, []], [{ display: "someone" }, []], [{ reference: "Nonsense/1" }, []], [{ reference: "Patient/bad id" }, []], [{ reference: 5 }, []], [{}, []],
  ];
  for (const [subject, expected] of table) assert.deepEqual(subjectRows(subject), expected, JSON.stringify(subject));
});

test("an absolute url is local only under a base of this node", () => {
  assert.deepEqual(subjectRows({ reference: `${bases[0]}/Patient/1` }, { bases }), [{ targetType: "Patient", targetId: "1" }]);
  assert.deepEqual(subjectRows({ reference: `${bases[0]}x/Patient/1` }, { bases }), [{ targetType: "Patient", url: `${bases[0]}x/Patient/1` }]);
  const parsed = parseQuery("Observation", `subject=${bases[0]}/Patient/1`, { bases });
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.filters, [{ kind: "reference", param: "subject", terms: [{ kind: "local", type: "Patient", id: "1" }] }]);
});

test("#reference: search values", () => {
  const here: Resource = { resourceType: "Observation", subject: { reference: "Patient/1", identifier: { system: "urn:mrn", value: "7" } } };
  const elsewhere: Resource = { resourceType: "Observation", subject: { reference: "https://other.example/Patient/1" } };
  const table: [string, boolean, boolean][] = [
    ["subject=1", true, false], ["subject=Patient/1", true, false], ["subject=Group/1", false, false], ["subject:Patient=1", true, false], ["subject:Group=1", false, false],
    ["subject=https://other.example/Patient/1", false, true], ["subject=2,1", true, false], ["patient=1", true, false], ["patient=Patient/1", true, false],
    ["subject:identifier=urn:mrn|7", true, false], ["subject:identifier=7", true, false], ["subject:identifier=urn:x|7", false, false], ["subject:identifier=|7", false, false],
    ["subject:missing=true", false, false],
  ];
  for (const [query, onHere, onElsewhere] of table) {
    const parsed = parseQuery("Observation", query);
    assert.ok(parsed.ok, query);
    assert.deepEqual([matches(here, parsed.value), matches(elsewhere, parsed.value)], [onHere, onElsewhere], query);
  }
  for (const query of ["subject=bad%20id", "subject=Nonsense/1", "subject:Encounter=1", "subject:Patient=Group/1", "subject=Patient/1/x"]) assert.ok(!parseQuery("Observation", query).ok, query);
});

test("where(resolve() is Patient): `patient` is the patients among the subjects", () => {
  const params = (subject: object) => indexRows({ resourceType: "Condition", subject }).references.map((row) => row.param).sort();
  assert.deepEqual(params({ reference: "Patient/1" }), ["patient", "subject"]);
  assert.deepEqual(params({ reference: "Group/1" }), ["subject"]);
  assert.deepEqual(params({ type: "Patient", identifier: { value: "1" } }), ["patient", "subject"]);
});

test("canonicals by url, with and without version", () => {
  const response: Resource = { resourceType: "QuestionnaireResponse", questionnaire: "http://q.example/Questionnaire/a|2" };
  assert.deepEqual(indexRows(response).references, [{ param: "questionnaire", url: "http://q.example/Questionnaire/a", targetType: "Questionnaire", version: "2" }]);
  for (const [value, expected] of [["http://q.example/Questionnaire/a", true], ["http://q.example/Questionnaire/a|2", true], ["http://q.example/Questionnaire/a|1", false]] as const) {
    const parsed = parseQuery("QuestionnaireResponse", `questionnaire=${encodeURIComponent(value)}`);
    assert.ok(parsed.ok);
    assert.equal(matches(response, parsed.value), expected, value);
  }
});
