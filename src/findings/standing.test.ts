import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Urgency } from "./finding.ts";
import { standing } from "./standing.ts";

function finding(effective: string | undefined, urgency: Urgency, more: Partial<Finding> = {}): Finding {
  return {
    method: { id: "ecg-rhythm", version: "1", title: { en: "ECG", zh: "心电" } }, outcome: "computed", subject: "Patient/p", stage: "diagnosis", urgency,
    code: { system: "http://loinc.org", code: "8884-9", label: { en: "Rhythm", zh: "心律" } }, statement: { en: `${urgency}.`, zh: `${urgency}。` }, contributions: [], evidence: [], limits: [], ...(effective === undefined ? {} : { effective }), ...more,
  };
}
const said = (...all: Finding[]) => standing(all, (one) => one).map(({ urgency, statement, since }) => [urgency, statement.en, since !== undefined]);

test("the newest of a kind stands alone when it asks for as much as those before it", () => {
  assert.deepEqual(said(finding("2026-01-01", "soon"), finding("2026-02-01", "urgent")), [["urgent", "urgent.", false]]);
  assert.deepEqual(said(finding("2026-01-01", "urgent"), finding("2026-02-01", "soon")), [["soon", "soon.", false]]);
  assert.deepEqual(said(finding("2026-02-01", "routine"), finding("2026-01-01", "routine")), [["routine", "routine.", false]]);
});

test("an earlier abnormal one beside a newer normal one is said as earlier, with both days, and is never more than soon", () => {
  const expected = [["routine", "routine.", false], ["soon", "Earlier, 2026-01-31: urgent. Since, 2026-02-01: routine.", true]];
  assert.deepEqual(said(finding("2026-01-31T08:00:00Z", "urgent"), finding("2026-02-01T08:00:00Z", "routine")), expected);
  assert.deepEqual(said(finding("2026-02-01T08:00:00Z", "routine"), finding("2026-01-31T08:00:00Z", "urgent"), finding("2025-01-31T08:00:00Z", "urgent"), finding("2026-01-31T12:00:00Z", "soon")), expected);
});

test("an abstention replaces nothing, another kind neither", () => {
  assert.deepEqual(said(finding("2026-01-01", "urgent"), finding("2026-02-01", "routine", { outcome: "abstained" })), [["urgent", "urgent.", false]]);
  assert.deepEqual(said(finding("2026-01-01", "urgent"), finding("2026-02-01", "routine", { code: { code: "other", label: { en: "Other", zh: "其他" } } })).map(([urgency]) => urgency), ["urgent", "routine"]);
});

test("without a time nothing counts as newer", () => {
  assert.deepEqual(said(finding(undefined, "routine"), finding(undefined, "urgent")), [["urgent", "urgent.", false]]);
});
