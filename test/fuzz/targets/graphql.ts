/** GraphQL over one resource and at system level. */
import assert from "node:assert/strict";
import type { Resource } from "#fhir/resource.ts";
import { textOf, type Target } from "../target.ts";

const patient = {
  resourceType: "Patient", id: "p", active: true, birthDate: "1980-05-06", _birthDate: { id: "b" }, name: [{ use: "official", family: "Li", given: ["Wei", "Hua"] }, { use: "usual", given: ["Mei"] }],
  contained: [{ resourceType: "Organization", id: "o", name: "Inside" }], managingOrganization: { reference: "#o" }, generalPractitioner: [{ reference: "Practitioner/d" }], extension: [{ url: "u", valueString: "x" }],
} as Resource;

export const target: Target = {
  rooms: ["src/fhir/graphql/"],
  seeds: [
    "{ name(use: official, _count: 1, _offset: 0) @flatten { family given @first } }", 'query q($u: String = "usual", $n: Boolean = true) { name(use: $u) @skip(if: $n) { use } ...f } fragment f on Patient { id @include(if: $n) birthDate _birthDate { id } }', "{ managingOrganization { resource(optional: true, type: Organization) { ... on Organization { name } } } generalPractitioner { reference } }", '{ name(fhirpath: "given.count() > 1") @slice(path: "use") { given @singleton } contained { resourceType id } }',
    '{ Patient(id: p) { id } PatientList(general_practitioner: "x", birthdate: ["ge1980", "lt1990"], _count: 5) { id } PatientConnection(_cursor: "c") { count next edges { mode score resource { __typename } } } }', '{ ObservationList(_reference: subject, code: "x") { id valueQuantity { value } } }', '{ a: id """x""" b: id }',
  ],
  words: ["{", "}", "...", "on ", "fragment f on Patient {", "...f", "query q(", "$u", "@first", "@singleton", "@flatten", '@slice(path: "$index")', "__typename", "__schema", "__proto__", "constructor", '"""', "null", "[", "]", "extension", "resource", ":", "!", "mutation", "subscription"],
  lengthMax: 1024,
  giants: () => [
    "{ a ".repeat(40_000), `{ ${"id ".repeat(3_000_000)} }`, `{ ${Array.from({ length: 3000 }, (_, i) => `a${i}: name { given }`).join(" ")} }`, `{ ...f0 } ${Array.from({ length: 24 }, (_, i) => `fragment f${i} on Patient { a${i}: id ...f${i + 1} ...f${i + 1} }`).join(" ")} fragment f24 on Patient { id }`, "{ ...f } fragment f on Patient { ...g } fragment g on Patient { ...f }", `{ id(${"a: 1 ".repeat(5000)}) }`, `{ name(given: "${"x".repeat(90_000)}") { use } }`, `{ name(given: ${"[".repeat(9000)} }`, `{ name(fhirpath: "${"(".repeat(80_000)}") { use } }`, `{ id ${"@include(if: true) ".repeat(2000)} }`,
    `{ ${"generalPractitioner { resource { ... on Patient { ".repeat(24)} id ${"} } } ".repeat(24)} }`, `{ ${Array.from({ length: 300 }, (_, i) => `p${i}: PatientList(name: "x") { id }`).join(" ")} }`,
  ],
  async open() {
    const { runGraphql } = await import("#fhir/graphql/graphql.ts");
    const { ok } = await import("#platform/result.ts");
    const reader = {
      read: async () => ok(patient), resolve: async () => ok(patient),
      search: async () => ok({ edges: [{ resource: patient, mode: "match", score: 1 }], count: 1, next: "c" }),
    };
    return async (input) => {
      const query = textOf(input);
      for (const resource of [patient, undefined]) {
        const answer = await runGraphql({ query, variables: { u: "official" } }, reader, resource);
        if (answer.errors) for (const { message } of answer.errors) assert.ok(message.length > 5 && message.length < 4000, message);
        else assert.ok(answer.data);
      }
    };
  },
};
