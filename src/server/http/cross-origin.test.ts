import assert from "node:assert/strict";
import test from "node:test";
import { originsOf } from "./cross-origin.ts";

test("origins are read from a setting; what is none is named", () => {
  assert.deepEqual(originsOf(undefined), { ok: true, value: [] });
  assert.deepEqual(originsOf(" https://app.example , http://localhost:3000,"), { ok: true, value: ["https://app.example", "http://localhost:3000"] });
  assert.deepEqual(originsOf("*"), { ok: true, value: ["*"] });
  for (const wrong of ["app.example", "https://app.example/", "https://app.example/x", "https://a b", "null"]) assert.equal(originsOf(wrong).ok, false, wrong);
});
