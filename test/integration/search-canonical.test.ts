/** Chains and `_has` over canonical references. Source: https://hl7.org/fhir/R4/references.html#canonical, https://hl7.org/fhir/R4/search.html#chaining */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { operator } from "#server/node.ts";
import { bundleOf, nextOf, testServer, type TestServer, type Who } from "./server.ts";

let server: TestServer;
const url = "http://forms.example/Questionnaire/sleep";
before(async () => {
  server = await testServer();
  const questionnaires = [["s1", url, "1.0", "Sleep, first"], ["s2", url, "2.0-Draft", "Sleep, second"], ["d", "http://forms.example/Questionnaire/diet", undefined, "Diet"]] as const;
  const answers = [["r1", "ann", `${url}|1.0`], ["r2", "ann", `${url}|2.0-Draft`], ["r3", "bob", url], ["r4", "ann", "http://forms.example/Questionnaire/diet"], ["r5", "ann", "http://forms.example/Questionnaire/gone"], ["r6", "bob", `${url}|3`], ["r7", "bob", "Questionnaire/d"]] as const;
  const all = [
    ...questionnaires.map(([id, own, version, title]) => ({ resourceType: "Questionnaire", id, url: own, ...version === undefined ? {} : { version }, title, status: "active" })),
    ...answers.map(([id, person, questionnaire]) => ({ resourceType: "QuestionnaireResponse", id, status: id === "r4" ? "amended" : "completed", questionnaire, subject: { reference: `Patient/${person}` } })),
  ];
  const made = await server.node.record.commit(operator, all.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) })));
  if (!made.ok) throw new Error(made.failure.text);
});
after(() => server.close());

async function found(query: string, as: Who = "operator"): Promise<string> {
  const ids: string[] = [];
  for (let next: string | undefined = query; next !== undefined;) {
    const answer = await server.send("GET", next, { as });
    assert.equal(answer.statusCode, 200, `${next} ${answer.body.slice(0, 300)}`);
    const bundle = bundleOf(answer);
    ids.push(...(bundle.entry ?? []).map(({ resource }) => resource!.id));
    next = nextOf(bundle);
  }
  return ids.sort().join(" ");
}

test("a chain over a canonical follows url and version; without a version any version of the url will do", async () => {
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=Sleep"), "r1 r2 r3");
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=Sleep%5C,%20first"), "r1 r3");
  assert.equal(await found("QuestionnaireResponse?questionnaire:Questionnaire.title:exact=Sleep%5C,%20second&_count=1"), "r2 r3");
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=diet"), "r4 r7", "Questionnaire/d leads there too");
  assert.equal(await found("QuestionnaireResponse?questionnaire.status=active&_count=2&_sort=-_id"), "r1 r2 r3 r4 r7");
});

test("beside other conditions, under _filter, and within the caller's reach", async () => {
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=Sleep&patient=ann"), "r1 r2");
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=Sleep&subject:Patient.name=Andersen"), await found("QuestionnaireResponse?questionnaire.title=Sleep&patient=ann"));
  assert.equal(await found(`QuestionnaireResponse?_filter=${encodeURIComponent("questionnaire.title sw \"Sleep\" and status eq completed")}`), "r1 r2 r3");
  assert.equal(await found("QuestionnaireResponse?questionnaire.title=Sleep", "ann"), "r1 r2");
});

test("_has over a canonical finds what is named, by each its version", async () => {
  assert.equal(await found("Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed"), "d s1 s2");
  assert.equal(await found("Questionnaire?_has:QuestionnaireResponse:questionnaire:patient=ann"), "d s1 s2");
  assert.equal(await found("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r2"), "s2");
  assert.equal(await found("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r6,r5"), "");
  assert.equal(await found("QuestionnaireResponse?questionnaire._has:QuestionnaireResponse:questionnaire:status=amended"), "r4 r7");
});

test("_include follows a version with capitals", async () => {
  assert.equal(await found("QuestionnaireResponse?_id=r2&_include=QuestionnaireResponse:questionnaire"), "r2 s2");
});
