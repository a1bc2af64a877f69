import assert from "node:assert/strict";
import { test } from "node:test";
import type postgres from "postgres";
import { systemClock } from "#platform/clock.ts";
import type { KnownDefinitions } from "../parameters/definitions.ts";
import type { Queryable } from "../sql.ts";
import { administrator } from "../testing.ts";
import { Committer } from "../write/commit.ts";
import { runWriting } from "./bundle.ts";

const definitions = { epoch: 0, byType: new Map(), indexed: [], unsettled: [], search: { of: () => [], building: () => undefined } };

test("a transaction that raced is prepared again from what was sent: other ids, and everything else alike", async () => {
  const sent: string[] = [];
  // The first writing statement meets another writer.
  const unsafe = async (text: string, values: readonly unknown[] = []) => {
    if (text.includes("settled(") && sent.push(values.map(String).join("\n")) === 1) throw Object.assign(new Error("deadlock"), { code: "40P01" });
    return [];
  };
  const db = { unsafe, begin: (work: (tx: unknown) => unknown) => work(db) };
  const committer = new Committer(db as unknown as postgres.Sql & Queryable, systemClock, { get: async () => definitions } as unknown as KnownDefinitions, () => {});
  const link = (id: string) => `urn:uuid:1f9ccd0c-2f3c-4a3b-9a42-6a1f4d0c8a${id}`;
  const entry = (id: string, resource: { resourceType: string }) => ({ fullUrl: link(id), resource, request: { method: "POST", url: resource.resourceType } });
  const bundle = { resourceType: "Bundle", type: "transaction", entry: [
    entry("11", { resourceType: "Patient", name: [{ family: "Again" }] } as { resourceType: string }),
    entry("12", { resourceType: "Observation", status: "final", code: { text: "pulse" }, subject: { reference: link("11") } } as { resourceType: string }),
    entry("13", { resourceType: "Basic", code: { text: "none" }, subject: { reference: link("12") } } as { resourceType: string }),
  ] };
  const answer = await runWriting(committer, administrator, JSON.stringify(bundle, undefined, 2), {});
  assert.ok(answer?.ok, JSON.stringify(answer));
  assert.equal(sent.length, 2);
  const patients = sent.map((one) => new Set([...one.matchAll(/Patient\/([0-9a-z]{24})/g)].map(([, id]) => id)));
  assert.deepEqual(patients.map(({ size }) => size), [1, 1]);
  assert.notDeepEqual(patients[0], patients[1]);
  // Ids, keys, salts, hashes and times differ, and by the keys the order of rows.
  const alike = sent.map((one) => one.replaceAll(/[0-9a-f]{32,}|[0-9a-z]{24}|-?\d+/g, "#").split(/[\s,{}]+/).sort());
  assert.deepEqual(alike[0], alike[1]);
  assert.ok(!sent[1]!.includes("urn:uuid:") && sent[1]!.includes("pulse"));
});
