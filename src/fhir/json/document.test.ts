import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { parseDocument, parseJson } from "./document.ts";
import { restamp } from "./restamp.ts";

const refused: [title: string, text: string | Buffer, code: string, says: RegExp][] = [
  ["duplicate at top", '{"resourceType":"Patient","active":true,"active":false}', "duplicate", /line 1, column 41 \(in Patient\): the member "active"/],
  ["duplicate deep", '{"resourceType":"Patient",\n"name":[{"family":"A"},{"given":["B"],"family":"C","given":[]}]}', "duplicate", /line 2, column 52 \(in Patient\.name\[1\]\)/],
  ["duplicate spelt with an escape", '{"resourceType":"Patient","id":"1","\\u0069d":"2"}', "duplicate", /"id" stands twice/],
  ["duplicate resourceType", '{"resourceType":"Patient","resourceType":"Patient"}', "duplicate", /resourceType/],
  ["trailing garbage", '{"resourceType":"Patient"} x', "invalid", /line 1, column 28: nothing may follow the JSON value, found "x"/],
  ["missing comma", '{"resourceType":"Patient"\n  "id":"1"}', "invalid", /line 2, column 3: expected "," or "}", found "\\""/],
  ["trailing comma", '{"resourceType":"Patient",}', "invalid", /column 27: expected a member name in double quotes/],
  ["trailing comma in a list", '{"resourceType":"Patient","name":[{},]}', "invalid", /column 38: expected a JSON value, found "]"/],
  ["single quotes", "{'resourceType':'Patient'}", "invalid", /column 2: expected a member name/],
  ["comment", '{"resourceType":"Patient" /* x */}', "invalid", /column 27: expected "," or "}", found "\/"/],
  ["unclosed", '{"resourceType":"Patient","name":[{"family":"A"', "invalid", /column 48: expected "," or "}", the text ends/],
  ["unclosed string", '{"resourceType":"Patient', "invalid", /the string that begins here is not closed/],
  ["mismatched brackets", '{"resourceType":"Patient","name":[}', "invalid", /expected a JSON value/],
  ["closing too much", '{"resourceType":"Patient"}}', "invalid", /nothing may follow/],
  ["leading zero", '{"resourceType":"Patient","multipleBirthInteger":01}', "invalid", /not a JSON number/],
  ["NaN", '{"resourceType":"Patient","multipleBirthInteger":NaN}', "invalid", /expected a JSON value, found "N"/],
  ["a line break inside a number", '{"resourceType":"Patient","multipleBirthInteger":1\n2}', "invalid", /line 2, column 1: expected "," or "}"/],
  ["a line break inside a literal", '{"resourceType":"Patient","active":tr\n  ue}', "invalid", /line 1, column 36: expected a JSON value/],
  ["an escaped line break", '{"resourceType":"Patient","language":"\\\n"}', "invalid", /is not an escape|control character/],
  ["raw line break in a string", '{"resourceType":"Pat\nient"}', "invalid", /control character U\+000A/],
  ["bad escape", '{"resourceType":"Pat\\xient"}', "invalid", /is not an escape/],
  ["empty", "", "invalid", /the text ends/],
  ["NUL", '{"resourceType":"Patient","id":"\\u0000"}', "invalid", /u0000 is not allowed/],
  ["lone surrogate escape", '{"resourceType":"Patient","language":"\\ud83d"}', "invalid", /half of a surrogate pair/],
  ["low surrogate escape first", '{"resourceType":"Patient","language":"\\ude00\\ud83d"}', "invalid", /half of a surrogate pair/],
  ["lone surrogate", '{"resourceType":"Patient","language":"\ud83d"}', "invalid", /column 39: half of a surrogate/],
  ["invalid UTF-8", Buffer.concat([Buffer.from('{"resourceType":"Pat'), Buffer.from([0xc3, 0x28])]), "invalid", /Not UTF-8: the bytes near offset (1[6-9]|2[0-4])/],
  ["__proto__", '{"resourceType":"Patient","name":[{"__proto__":{"x":1}}]}', "invalid", /in Patient\.name\[0\]\): the member name "__proto__"/],
  ["__proto__ spelt with an escape", '{"resourceType":"Patient","\\u005f_proto__":{}}', "invalid", /in Patient\): the member name "__proto__"/],
  ["array", "[]", "structure", /this is an array/],
  ["null", "null", "structure", /this is null/],
  ["no resourceType", '{"id":"1"}', "structure", /resourceType/],
  ["resourceType of another kind", '{"resourceType":7}', "structure", /resourceType/],
];

for (const [title, text, code, says] of refused)
  test(`refuses: ${title}`, () => {
    const result = parseDocument(text);
    assert.ok(!result.ok);
    assert.equal(result.failure.code, code, result.failure.text);
    assert.match(result.failure.text, says);
    assert.deepEqual(parseDocument(text, { condensed: true }), result);
  });

test("a Map of many names still finds the duplicate, and equal names in sister objects are no duplicates", () => {
  const names = Array.from({ length: 500 }, (_, i) => `"k${i}":${i}`).join(",");
  assert.ok(parseJson(`{${names}}`).ok);
  assert.ok(!parseJson(`{${names},"k7":0}`).ok);
  assert.ok(parseJson('{"a":{"b":1},"c":{"b":2},"d":[{"b":1},{"b":1}]}').ok);
});

test("names whose hashes collide are told apart", () => {
  assert.ok(parseJson('{"Aa":1,"BB":2}').ok); // 31*65+97 = 31*66+66
  assert.ok(!parseJson('{"Aa":1,"BB":2,"Aa":3}').ok);
});

test("depth: 64 levels pass, 65 do not, and a tower of a million is refused at once", (t) => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.ok(parseJson(nested(64)).ok);
  const deep = parseJson(nested(65));
  assert.ok(!deep.ok && /deeper than 64/.test(deep.failure.text));
  // At once: where the 65th level begins, before anything is parsed.
  const parse = t.mock.method(JSON, "parse");
  for (const [floor, column] of [["[", 65], ['{"a":', 64 * 5 + 1], ['[{"a":', 32 * 6 + 1]] as const) {
    const tower = parseJson(floor.repeat(1_000_000));
    assert.ok(!tower.ok && tower.failure.text.startsWith(`line 1, column ${column} `) && /deeper than 64/.test(tower.failure.text), tower.ok ? "" : tower.failure.text);
    assert.ok(tower.failure.text.length < 300);
  }
  assert.equal(parse.mock.callCount(), 0);
  assert.ok(parseJson(nested(100), { depthMax: 100 }).ok);
});

test("size: above the limit is too-long", () => {
  const result = parseDocument('{"resourceType":"Patient"}', { sizeMax: 10 });
  assert.ok(!result.ok && result.failure.code === "too-long");
});

test("a byte order mark, surrogate pairs, escaped quotes and backslashes pass", () => {
  const text = '{"resourceType":"Patient","language":"\\ud83d\\ude00 😀 \\" \\\\","id":"\\\\\\""}';
  const result = parseDocument(Buffer.from(`\ufeff${text}`));
  assert.ok(result.ok);
  assert.equal(result.value.text, text);
  assert.equal(result.value.value.language, '😀 😀 " \\');
});

test("property: accepts and refuses as JSON.parse does, on any text without duplicates", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), fc.nat(), fc.string({ maxLength: 2 }), (json, at, noise) => {
    const cut = at % (json.length + 1);
    for (const text of [json, json.slice(0, cut) + noise + json.slice(cut), json.slice(0, cut)]) {
      if (!text.isWellFormed() || text.charCodeAt(0) === 0xfeff) continue;
      let value: unknown, valid = true;
      try { value = JSON.parse(text); } catch { valid = false; }
      const result = parseJson(text);
      if (!valid) assert.ok(!result.ok, text);
      else if (result.ok) assert.deepEqual(result.value, value);
      else assert.match(result.failure.text, /stands twice|surrogate|__proto__|u0000|member name/, text);
    }
  }), { numRuns: 2000 });
});

test("property: adding a member that is there is always refused", () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, pick) => {
    const names = Object.keys(object).filter(name => name !== "__proto__" && !name.includes("\0"));
    fc.pre(names.length > 0);
    const name = JSON.stringify(names[pick % names.length]!);
    assert.ok(!parseJson(`${JSON.stringify(object).slice(0, -1)},${name}:0}`).ok);
  }), { numRuns: 1000 });
});

test("hostile texts of several megabytes are answered in linear time", () => {
  const size = 4_000_000;
  const started = cpuSeconds();
  for (const text of [
    `{"resourceType":"Patient",\n"language":"${" ".repeat(size)}"}`, `{"resourceType":"Patient","language":"${"\\\\".repeat(size / 2)}"`, `{"a":"${"x".repeat(size)}",}`,
    `{${'"'.repeat(size)}`, "\\".repeat(size), `"${"\\u0041".repeat(size / 6)}`, `[${"{},".repeat(size / 3)}`, "[".repeat(60) + "1,".repeat(size / 2),
  ]) {
    const parsed = parseDocument(text);
    if (parsed.ok) restamp(parsed.value, { id: "1", meta: {} });
  }
  assert.ok(cpuSeconds() - started < 10); // quadratic time would take hours
});
