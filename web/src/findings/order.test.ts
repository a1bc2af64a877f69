import { test } from "node:test";
import assert from "node:assert/strict";
import type { FindingView } from "#server/api/contract.ts";
import { byUrgency, newestOfEach } from "./order.ts";

const view = (reference: string, code: string, more: Partial<FindingView["finding"]> = {}): FindingView => ({
  reference, version: "1", recorded: "2026-01-01T00:00:00Z", stale: false, machine: true,
  finding: { method: { id: "ecg-rhythm", version: "1", title: { en: "", zh: "" } }, outcome: "computed", subject: "Patient/1", stage: "diagnosis", code: { code, label: { en: code, zh: code } }, urgency: "soon", statement: { en: "", zh: "" }, contributions: [], evidence: [], limits: [], ...more },
});

test("the newest of each kind stays, whatever the order it came in", () => {
  const old = view("a", "rhythm", { effective: "2026-01-01" }), recent = view("b", "rhythm", { effective: "2026-03-01" }), other = view("c", "rate", { effective: "2025-01-01" });
  assert.deepEqual(newestOfEach([old, recent, other]).map((one) => one.reference), ["b", "c"]);
  assert.deepEqual(newestOfEach([recent, other, old]).map((one) => one.reference), ["b", "c"]);
});

test("a result is not hidden by a later abstention", () => {
  const result = view("a", "x", { effective: "2026-01-01" }), silent = view("b", "x", { outcome: "abstained", effective: "2026-02-01" });
  assert.deepEqual(newestOfEach([result, silent]).map((one) => one.reference), ["a"]);
});

test("emergency first, abstentions last", () => {
  const list = [view("r", "1", { urgency: "routine" }), view("x", "2", { urgency: "emergency", outcome: "abstained" }), view("e", "3", { urgency: "emergency" }), view("u", "4", { urgency: "urgent" })];
  assert.deepEqual(byUrgency(list).map((one) => one.reference), ["e", "u", "r", "x"]);
});
