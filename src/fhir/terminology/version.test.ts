import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, pickVersion, versionMatches } from "./version.ts";

test("a wildcard stands for one part, at the end for all that follows; a short version is no wildcard", () => {
  for (const [wanted, actual, fits] of [
    ["1.0.0", "1.0.0", true], ["1.0.x", "1.0.7", true], ["1.0.*", "1.1.0", false], ["1.x", "1.2.3", true], ["1.x.3", "1.2.3", true], ["1.x.3", "1.2.4", false], ["1", "1.0.0", false], ["1.0.0", "1.0", false], ["1.0.x", "1.0", true], ["x", "2023-04", true],
  ] as const) assert.equal(versionMatches(wanted, actual), fits, `${wanted} ${actual}`);
});

test("the newest: numbers as numbers, pre-releases first, dates as dates", () => {
  const sorted = ["2.0.0", "10.0.0", "2.0.0-ballot", "1.9"].sort(compareVersions);
  assert.deepEqual(sorted, ["1.9", "2.0.0-ballot", "2.0.0", "10.0.0"]);
  assert.ok(compareVersions("2023-04-01", "2023-10-01") < 0 && compareVersions("20230401", "20221001") > 0);
  assert.equal(pickVersion(["1.0.0", "1.2.0", "2.0.0"], (one) => one, "1.x"), "1.2.0");
  assert.equal(pickVersion(["1.0.0", undefined], (one) => one, undefined), "1.0.0");
  assert.equal(pickVersion(["1.0.0"], (one) => one, "3"), undefined);
});

test("a dated version is older than a numbered one, in either order", () => {
  assert.ok(compareVersions("2018-08-12", "3.1.0") < 0);
  assert.ok(compareVersions("3.1.0", "2018-08-12") > 0);
  assert.ok(compareVersions("2018-08-12", "2018-09-01") < 0);
  assert.equal(pickVersion(["2018-08-12", "3.1.0", "2.0.0"], (version) => version, undefined), "3.1.0");
});
