/** Topics that every node offers. Listed in docs/subscriptions.md. */
import { compileTopic, type Topic, type TopicDefinition } from "./topic.ts";

const url = (name: string): string => `https://salus.health/fhir/SubscriptionTopic/${name}`;
const written = ["create", "update"] as const;

const definitions: readonly TopicDefinition[] = [
  {
    url: url("encounter-start"), title: "An encounter begins",
    triggers: [{
      resource: "Encounter", interactions: written,
      query: { previous: "status:not=in-progress", current: "status=in-progress", resultForCreate: "test-passes", requireBoth: true },
    }],
    filters: [{ resource: "Encounter", parameter: "patient" }, { resource: "Encounter", parameter: "class" }, { resource: "Encounter", parameter: "service-provider" }],
  },
  {
    url: url("encounter-end"), title: "An encounter is finished",
    triggers: [{
      resource: "Encounter", interactions: written,
      query: { previous: "status:not=finished", current: "status=finished", resultForCreate: "test-passes", requireBoth: true },
    }],
    filters: [{ resource: "Encounter", parameter: "patient" }, { resource: "Encounter", parameter: "class" }, { resource: "Encounter", parameter: "service-provider" }],
  },
  {
    // Each version in a final state: a corrected value is news as well.
    url: url("observation-final"), title: "A result is final, or a final one was changed",
    triggers: [{ resource: "Observation", interactions: written, query: { current: "status=final,amended,corrected" } }],
    filters: ["patient", "category", "code", "encounter"].map((parameter) => ({ resource: "Observation", parameter })),
  },
  {
    url: url("patient-data"), title: "Something is recorded, changed or deleted about a person",
    triggers: ["AllergyIntolerance", "CarePlan", "Condition", "DiagnosticReport", "DocumentReference", "Encounter", "Immunization", "MedicationRequest", "MedicationStatement", "Observation", "Procedure", "ServiceRequest"]
      .map((resource) => ({ resource })),
    filters: [{ parameter: "patient" }],
  },
];

let compiled: readonly Topic[] | undefined;

export function builtInTopics(): readonly Topic[] {
  return compiled ??= definitions.map((definition) => {
    const topic = compileTopic(definition);
    if (!topic.ok) throw new Error(topic.failure.text);
    return topic.value;
  });
}
