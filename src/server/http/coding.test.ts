import assert from "node:assert/strict";
import test from "node:test";
import { codingFor } from "./coding.ts";

test("RFC 9110 12.5.3: the coding of highest quality; br where equal; none where nothing is taken", () => {
  const rows: [string, string | undefined][] = [
    ["gzip", "gzip"], ["x-gzip", "gzip"], ["br", "br"], ["gzip, deflate, br", "br"], ["gzip;q=1.0, br;q=0.5", "gzip"], ["*", "br"], ["*;q=0.1, br;q=0", "gzip"],
    ["", undefined], ["identity", undefined], ["deflate", undefined], ["gzip;q=0", undefined], ["*;q=0", undefined], ["identity;q=1, gzip;q=0.5", undefined], ["gzip;q=nonsense", undefined],
  ];
  for (const [header, coding] of rows) assert.equal(codingFor(header), coding, header);
});
