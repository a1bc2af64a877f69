/** Expression constraints: what is read is evaluated over a small store, and put as SQL. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/terminology/ecl/"],
  seeds: [
    "<< 100002 |Animal| : { [1..3] 100021 = < 100008, [0..0] 100022 != * } OR R 100021 = (100004 AND ^ 100031)", "(< 100002 MINUS <<! 100003) . 100021 . < 100020", '* {{ D term = ("heart" wild:"*a\\*t"), type = (syn fsn), dialect = (en-us (prefer) en-gb), language != sv, id = 555019 }}',
    '^ [targetComponentId] 100031 {{ M mapTarget = wild:"J*", mapPriority <= #2, active = 0 }} {{ C definitionStatus = primitive, moduleId = 100001, effectiveTime >= "20200131" }} {{ + HISTORY-MOD }}', "descendantOrSelfOf 100002 : reverseOf 100021 = any , [2 to many] 100023 > #-1.50 and 100025 NOT = true /* x */",
    "<< 404684003 |Clinical finding| : 363698007 = << 39057004, { 116676008 = (< 100001 OR > 100002) }", "< 373873005 : [1..3] 127489000 != *, 1142135004 >= #20, 774158006 = \"x\"", "(< 19829001).363698007.<<! 91723000",
    "!!> (>> 100004 OR >>! 100006 OR LOINC#1234-5)", "100002:100021=100009",
  ],
  words: ["{{", "}}", "<<!", ">>!", "!!<", "[0..*]", "AND", "OR", "MINUS", "^", "R", "{{ + HISTORY }}", "#1.5", "wild:", "match:", "100001", "*", "|x|", "/*", "*/", "%", "心"],
  giants: () => ["(".repeat(100_000), "<<! (".repeat(55) + "100001" + ")".repeat(55), "* : ".repeat(50_000), `* : ${"(".repeat(58)}100021 = *${", 100021 = *)".repeat(58)}`, "100001 OR ".repeat(19_000) + "100001", `"${"\\".repeat(100_000)}`, `* {{ term = "${"a ".repeat(90_000)}" }}`, `* {{ term = wild:"${"*a".repeat(90_000)}b" }}`, "/*".repeat(90_000), "|".repeat(190_000), "#1".repeat(90_000), "A".repeat(190_000), "9".repeat(3_000_000), `1${".1".repeat(90_000)}`],
  async open() {
    const [{ parseEcl }, { evaluateEcl }, { implicitValueSet, postCoordinated }, { sampleStore }, { EclRefusal, EclSql }] = await Promise.all([
      import("#fhir/terminology/ecl/parse.ts"), import("#fhir/terminology/ecl/evaluate.ts"), import("#fhir/terminology/ecl/implicit.ts"), import("#fhir/terminology/ecl/testing.ts"), import("#record/terminology/ecl-sql.ts"),
    ]);
    const ids = ["100001", "100002", "100003", "100004", "100021", "100031"];
    const store = sampleStore({
      concepts: ids.map((id, i) => ({ id, parents: i === 0 ? [] : [ids[i >> 1]!].filter((parent) => parent !== id) })), relationships: [{ source: "100004", attribute: "100021", group: 1, value: "100003" }, { source: "100003", attribute: "100021", group: 0, value: { number: "1.5" } }],
      descriptions: [{ concept: "100004", term: "Heart attack" }], members: [{ refset: "100031", component: "100004", fields: { targetComponentId: "100003", mapTarget: "J45" } }],
    });
    return (input) => {
      const text = textOf(input);
      implicitValueSet(`http://snomed.info/sct?fhir_vs=${text}`);
      postCoordinated(text);
      const parsed = parseEcl(text);
      if (!parsed.ok) {
        assert.ok(parsed.failure.text.length > 8 && parsed.failure.text.length < 1000, parsed.failure.text);
        return;
      }
      const found = evaluateEcl(parsed.value, store);
      if (found.ok) for (const concept of found.value) assert.ok(concept >= 0 && concept < ids.length);
      try {
        const { texts } = new EclSql(1, (id) => store.concept(id)).set(parsed.value);
        assert.ok(texts.reduce((sum, { length }) => sum + length, 0) < 50_000_000);
      } catch (error) {
        assert.ok(error instanceof EclRefusal, String(error));
      }
    };
  },
};
