import { test } from "node:test";
import assert from "node:assert/strict";
import { authorNames } from "./author.ts";

test("references become names or go; names stay once", () => {
  assert.equal(authorNames("Device/method-summary-draft, Practitioner/7", "Salus"), "Salus");
  assert.equal(authorNames("Device/x, Dr Lin", "Salus"), "Salus, Dr Lin");
  assert.equal(authorNames("Dr Lin, Dr Lin", "Salus"), "Dr Lin");
  assert.equal(authorNames("Practitioner/7", "Salus"), "Salus");
});
