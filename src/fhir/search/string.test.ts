import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resource.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";
import { normalise } from "./string.ts";

test("normalise: case, accents, punctuation, space", () => {
  const table: [string, string][] = [
    ["Müller", "muller"], ["ÉCOLE", "ecole"], ["Straße", "strasse"], ["STRAẞE", "strasse"], [" a", "a"], ["O'Brien", "obrien"], ["Mr.", "mr"], ["a  b\tc ", "a b c"],
    ["Ａｂｃ", "abc"], ["ﬁne", "fine"], ["Ångström", "angstrom"], ["Привет", "привет"], ["й", "и"], ["Άλφα", "αλφα"],
    ["王小明", "王小明"], ["ガ", "ガ"], ["हिन्दी", "हिन्दी"], ["각", "각"], ["---", "---"], ["", ""], ["a - b", "a b"],
  ];
  for (const [text, expected] of table) assert.equal(normalise(text), expected, text);
});

test("property: normalise is idempotent, blind to case and to composed or decomposed form", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
    const once = normalise(text);
    assert.equal(normalise(once), once);
    assert.equal(normalise(text.normalize("NFD")), normalise(text.normalize("NFC")));
  }));
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abcxyzÀÉîöüñçß ØÅ'-."), maxLength: 40 }), (text) => {
    assert.equal(normalise(text.toUpperCase()), normalise(text));
    assert.equal(normalise(text.toLowerCase()), normalise(text));
  }));
});

test("property: the beginning of a text finds the text", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abcÀÉß王 小"), minLength: 1, maxLength: 20 }), fc.nat(20), (text, cut) => {
    assert.ok(normalise(text).startsWith(normalise(text.slice(0, cut))));
  }));
});

test("#string: HumanName and Address by their parts; use and period are not searched", () => {
  const patient: Resource = {
    resourceType: "Patient",
    name: [{ use: "official", text: "Dr. Ana Carreño Quiñones", family: "Carreño Quiñones", given: ["Ana", "Eve"], prefix: ["Dr."], suffix: ["PhD"] }],
    address: [{ use: "home", line: ["1 Main St"], city: "Köln", district: "D", state: "S", postalCode: "50667", country: "DE", text: "T" }],
  };
  const values = (param: string) => indexRows(patient).strings.filter((row) => row.param === param).map((row) => row.value);
  assert.deepEqual(values("name"), ["dr ana carreno quinones", "carreno quinones", "quinones", "ana", "eve", "dr", "phd"]);
  assert.deepEqual(values("family"), ["carreno quinones", "quinones"]);
  assert.deepEqual(values("given"), ["ana", "eve"]);
  assert.deepEqual(values("address"), ["t", "1 main st", "koln", "d", "s", "50667", "de"]);
  assert.deepEqual(values("address-city"), ["koln"]);
});

test("a family name of very many parts is found by the first of them, and does not become its square", () => {
  const { strings } = indexRows({ resourceType: "Patient", name: [{ family: Array.from({ length: 5000 }, (_, i) => `p${i}`).join("-") }] } as Resource);
  assert.deepEqual(strings.filter(({ param }) => param === "family").map(({ value }) => value.slice(0, 3)), ["p0p", "p1p", "p2p", "p3p", "p4p", "p5p", "p6p", "p7p", "p8p", "p9p", "p10", "p11"]);
});

test("#string: begins with, :contains, :exact", () => {
  const table: [string, string, boolean][] = [
    ["given=eve", "Eve", true], ["given=eve", "Evelyn", true], ["given=eve", "Severine", false],
    ["given:contains=eve", "Severine", true], ["given:contains=eve", "Sev", false],
    ["given:exact=Eve", "Eve", true], ["given:exact=Eve", "eve", false], ["given:exact=Eve", "Evelyn", false], ["given:exact=%C3%89ve", "Eve", false],
    ["given=%C3%89V", "eve", true], ["given=x,ev", "Eve", true],
  ];
  for (const [query, given, expected] of table) {
    const parsed = parseQuery("Patient", query);
    assert.ok(parsed.ok, query);
    assert.equal(matches({ resourceType: "Patient", name: [{ given: [given] }] }, parsed.value), expected, `${query} on ${given}`);
  }
});
