import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import { builtInTopics } from "./built-in-topics.ts";
import { compileTopic, topicOfBasic, type Topic, type TopicDefinition } from "./topic.ts";
import { triggers, type Changed } from "./trigger.ts";

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.failure.text);
  return result.value;
}

const encounter = (status: string): Resource => ({ resourceType: "Encounter", id: "e", status, class: { code: "AMB" } });

/** A change of an Encounter's status; undefined where there is no version. */
function change(previous: string | undefined, current: string | undefined): Changed {
  return {
    interaction: previous === undefined ? "create" : current === undefined ? "delete" : "update", type: "Encounter",
    ...(previous === undefined ? {} : { previous: encounter(previous) }), ...(current === undefined ? {} : { current: encounter(current) }),
  };
}

function topic(trigger: Omit<TopicDefinition["triggers"][number], "resource">): Topic {
  return value(compileTopic({ url: "http://example.org/topic", triggers: [{ resource: "Encounter", ...trigger }] }));
}

test("queryCriteria: both must hold with requireBoth, one is enough without", () => {
  const query = { previous: "status:not=finished", current: "status=finished" };
  const both = topic({ query: { ...query, requireBoth: true } }), either = topic({ query });
  const cases: [string, string, boolean, boolean][] = [
    ["in-progress", "finished", true, true], ["finished", "finished", false, true], ["planned", "in-progress", false, true], ["finished", "in-progress", false, false],
  ];
  for (const [previous, current, withBoth, withEither] of cases) {
    assert.equal(triggers(both, change(previous, current)), withBoth, `${previous} → ${current}`);
    assert.equal(triggers(either, change(previous, current)), withEither, `${previous} → ${current}`);
  }
});

test("resultForCreate and resultForDelete stand for the version that is not there", () => {
  const query = { previous: "status=planned", current: "status=finished", requireBoth: true };
  for (const [resultForCreate, expected] of [["test-passes", true], ["test-fails", false], [undefined, false]] as const)
    assert.equal(triggers(topic({ query: { ...query, ...(resultForCreate ? { resultForCreate } : {}) } }), change(undefined, "finished")), expected);
  for (const [resultForDelete, expected] of [["test-passes", true], ["test-fails", false], [undefined, false]] as const)
    assert.equal(triggers(topic({ query: { ...query, ...(resultForDelete ? { resultForDelete } : {}) } }), change("planned", undefined)), expected);
});

test("supportedInteraction limits, and without it every interaction counts", () => {
  const deletes = topic({ interactions: ["delete"] }), all = topic({});
  for (const [changed, ofDeletes] of [[change(undefined, "planned"), false], [change("planned", "planned"), false], [change("planned", undefined), true]] as const) {
    assert.equal(triggers(deletes, changed), ofDeletes);
    assert.equal(triggers(all, changed), true);
  }
  assert.equal(triggers(all, { interaction: "create", type: "Patient", current: { resourceType: "Patient", id: "p" } }), false);
});

test("fhirPathCriteria: %previous is empty on create, %current on delete; what fails to evaluate is no event", () => {
  const completed = topic({ fhirPath: "(%previous.id.empty() or %previous.status != 'finished') and %current.status = 'finished'" });
  assert.deepEqual([change(undefined, "finished"), change("planned", "finished"), change("finished", "finished"), change("finished", undefined)].map((one) => triggers(completed, one)), [true, true, false, false]);
  assert.equal(triggers(topic({ fhirPath: "(1 | 2).single() = 1" }), change("planned", "finished")), false);
  // Beside queryCriteria both have to hold.
  assert.equal(triggers(topic({ fhirPath: "true", query: { current: "status=planned" } }), change(undefined, "finished")), false);
});

test("a Basic topic in the cross-version extensions of R4B and R5 reads as written", () => {
  for (const version of ["4.3", "5.0"]) {
    const url = (name: string): string => `http://hl7.org/fhir/${version}/StructureDefinition/extension-SubscriptionTopic.${name}`;
    const basic = {
      resourceType: "Basic", code: { coding: [{ system: "http://hl7.org/fhir/fhir-types", code: "SubscriptionTopic" }] },
      modifierExtension: [{ url: url("status"), valueCode: "draft" }],
      extension: [
        { url: url("url"), valueUri: "http://example.org/complete" }, { url: url("version"), valueString: "1.2.0" },
        {
          url: url("resourceTrigger"), extension: [
            { url: "resource", valueUri: "http://hl7.org/fhir/StructureDefinition/Encounter" }, { url: "supportedInteraction", valueCode: "create" }, { url: "supportedInteraction", valueCode: "update" },
            { url: "queryCriteria", extension: [{ url: "previous", valueString: "status:not=finished" }, { url: "resultForCreate", valueCode: "test-passes" }, { url: "current", valueString: "status=finished" }, { url: "requireBoth", valueBoolean: true }] },
          ],
        },
        { url: url("canFilterBy"), extension: [{ url: "resource", valueUri: "Encounter" }, { url: "filterParameter", valueString: "subject" }] },
      ],
    };
    const read = value(topicOfBasic(basic));
    assert.deepEqual([read.url, read.version, read.filters], ["http://example.org/complete", "1.2.0", [{ resource: "Encounter", parameter: "subject" }]]);
    assert.deepEqual([change(undefined, "finished"), change("planned", "finished"), change("finished", "finished"), change("finished", undefined)].map((one) => triggers(read, one)), [true, true, false, false]);
    assert.equal(topicOfBasic({ ...basic, modifierExtension: [{ url: url("status"), valueCode: "retired" }] }).ok, false);
  }
});

test("topics that cannot be evaluated are refused with their url", () => {
  for (const trigger of [{ resource: "Nothing" }, { resource: "Encounter", query: { current: "nonsense=1" } }, { resource: "Encounter", query: { current: "_count=3" } }, { resource: "Encounter", fhirPath: "%current.status =" }] as const) {
    const done = compileTopic({ url: "http://example.org/broken", triggers: [trigger] });
    assert.ok(!done.ok && done.failure.text.includes("http://example.org/broken"), JSON.stringify(trigger));
  }
  assert.equal(compileTopic({ url: "no-url", triggers: [{ resource: "Encounter" }] }).ok, false);
  assert.equal(compileTopic({ url: "http://example.org/empty", triggers: [] }).ok, false);
  assert.ok(builtInTopics().length > 0);
});
