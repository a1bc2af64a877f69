import assert from "node:assert/strict";
import { test } from "node:test";
import { extractWords, matchesWords, parseWords, wordsOf } from "./words.ts";

const finds = (query: string, text: string): boolean => {
  const filter = parseWords("_text", query);
  assert.ok(filter.ok && filter.value.kind === "words", query);
  return matchesWords(wordsOf(text), filter.value.query);
};

test("any part of two letters of a text without spaces is found; one letter by itself too", () => {
  for (const part of ["收缩压", "收缩", "缩压", "压升高", "高", "收"]) assert.ok(finds(part, "收缩压升高"), part);
  for (const other of ["收压", "高升", "舒张"]) assert.ok(!finds(other, "收缩压升高"), other);
  assert.ok(finds("ひらがな", "これはひらがなです"));
  assert.ok(finds("ct扫描", "CT扫描 正常"));
});

test("words, phrases, beginnings, OR, NOT and parentheses", () => {
  const text = "No metastases of the liver, bone scan normal";
  for (const query of ["liver", "LIVER bone", "metas*", "\"bone scan\"", "lung OR liver", "(lung OR bone) scan", "liver -lung", "NOT lung", "liver AND NOT (lung OR brain)"]) assert.ok(finds(query, text), query);
  for (const query of ["lung", "liver lung", "\"scan bone\"", "live", "NOT liver", "liver -bone"]) assert.ok(!finds(query, text), query);
});

test("the narrative is read without its tags; content leaves out ids, dates and addresses", () => {
  const { narrative, content } = extractWords({ resourceType: "Observation", id: "secretid", text: { status: "generated", div: "<div>High&#x20;<b>pressure</b> &amp; rest</div>" }, code: { text: "Blood" }, subject: { reference: "Patient/xyz" }, effectiveDateTime: "2020-01-01" });
  assert.deepEqual(narrative, ["high", "pressure", "rest"]);
  assert.ok(content.includes("blood") && content.includes("pressure"));
  for (const left of ["secretid", "xyz", "2020"]) assert.ok(!content.includes(left), left);
});
