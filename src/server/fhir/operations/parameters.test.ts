import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { operations } from "./list.ts";
import type { OperationDefinition } from "./operation.ts";
import { readGiven } from "./parameters.ts";

const definition: OperationDefinition = {
  url: "http://example.org/OperationDefinition/X-try", code: "try", resource: "any", levels: ["system"], affectsState: false, paged: true,
  input: [
    { name: "day", type: "date" }, { name: "count", type: "positiveInt" }, { name: "flag", type: "boolean" }, { name: "ratio", type: "decimal" }, { name: "url", type: "uri", max: 2 },
    { name: "who", type: "Reference" }, { name: "resource", type: "Resource" }, { name: "needed", type: "code", min: 1 },
  ],
};

test("a query: values by type, what stands too often, is missing or unknown is named", () => {
  const read = readGiven(definition, "needed=a&day=2026-01&count=3&flag=false&ratio=-1.5&url=urn:a&url=urn:b&_format=json&_cursor=xyz", { kind: "none" });
  assert.ok(read.ok);
  assert.equal(read.value.cursor, "xyz");
  assert.deepEqual(read.value.parameters.parameter, [
    { name: "needed", valueCode: "a" }, { name: "day", valueDate: "2026-01" }, { name: "count", valuePositiveInt: 3 }, { name: "flag", valueBoolean: false }, { name: "ratio", valueDecimal: -1.5 },
    { name: "url", valueUri: "urn:a" }, { name: "url", valueUri: "urn:b" },
  ]);
  const refused: [string, RegExp][] = [
    ["", /needs the parameter needed/], ["needed=a&needed=b", /takes needed once/], ["needed=a&url=a&url=b&url=c", /takes url 2 times, found it 3/], ["needed=a&day=soon", /day must be date/],
    ["needed=a&count=0", /count must be positiveInt/], ["needed=a&count=1.5", /count must be positiveInt/], ["needed=a&flag=1", /flag must be boolean/], ["needed=a%20%20b", /needed must be code/],
    ["needed=", /needed must be code/], ["needed=a&who=Patient/1", /who is a Reference: send it with POST/], ["needed=a&__proto__=1", /no parameter "__proto__"/],
  ];
  for (const [query, text] of refused) {
    const result = readGiven(definition, query, { kind: "none" });
    assert.ok(!result.ok, query);
    assert.match(result.failure.text, text);
  }
});

test("whatever is sent, each operation's reader answers", () => {
  const names = operations.flatMap((one) => one.definition.input.map(({ name }) => name));
  const member = fc.constantFrom("name", "valueString", "valueUri", "valueBoolean", "valueCoding", "valueMeta", "resource", "part", "__proto__", "constructor");
  const parameter = fc.dictionary(member, fc.oneof(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 })), { maxKeys: 4 });
  const body = fc.oneof(fc.json(), fc.record({ resourceType: fc.constantFrom("Parameters", "Patient", "ValueSet"), parameter: fc.oneof(fc.array(fc.oneof(parameter, fc.jsonValue())), fc.jsonValue()) }).map((value) => JSON.stringify(value)), fc.string());
  fc.assert(fc.property(fc.constantFrom(...operations), body, fc.string(), ({ definition: own }, text, query) => {
    for (const sent of [{ kind: "json", text }, { kind: "form", text }] as const) {
      const read = readGiven(own, query, sent);
      assert.equal(typeof read.ok, "boolean");
      if (read.ok) for (const { name } of read.value.parameters.parameter!) assert.ok(own.input.some((input) => input.name === name));
    }
  }), { numRuns: 500 });
});
