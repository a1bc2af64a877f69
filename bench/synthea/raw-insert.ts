/** The floor of imports: the same resources with the same index rows, all made beforehand, in batches. */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { Resource } from "#fhir/resource.ts";
import { connect } from "#record/connections.ts";
import { placeOf, randomBucket, ridOf } from "#record/keys.ts";
import { derive, emptyRows } from "#record/rows.ts";
import { migrate } from "#record/schema/migrate.ts";
import { insertRows } from "#record/write/insert.ts";

const batch = 500;
const connections = 2;

/** Seconds it takes in a database of its own of the same cluster, with the same tables and indexes. */
export async function rawInsert(url: string, lines: readonly string[]): Promise<number> {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin.unsafe("create database bench_raw");
  await admin.end();
  const target = new URL(url);
  target.pathname = "/bench_raw";
  const sql = connect(target.href, connections, "bench");
  const migrated = await migrate(sql);
  assert.ok(migrated.ok);
  const batches = Array.from({ length: Math.ceil(lines.length / batch) }, (_, i) => lines.slice(i * batch, (i + 1) * batch)).map((texts) => {
    const rows = emptyRows();
    const keys = texts.map((text) => {
      const value = JSON.parse(text) as Resource;
      const key = { ck: placeOf(value.resourceType, value.id!) ?? randomBucket(), rid: ridOf(value.resourceType, value.id!), type: value.resourceType, id: value.id! };
      derive(rows, value, key.ck, key.rid, ["1"]);
      return key;
    });
    const cells = [`{${keys.map(({ ck }) => ck).join(",")}}`, `{${keys.map(({ rid }) => rid).join(",")}}`, `{${keys.map(({ type }) => type).join(",")}}`, `{${keys.map(({ id }) => id).join(",")}}`, texts.join("\u001e")];
    return { rows, cells };
  });
  const start = performance.now();
  const queue = batches.values();
  await Promise.all(Array.from({ length: connections }, async () => {
    for (const { rows, cells } of queue) await sql.begin(async (tx) => {
      await Promise.all([
        tx.unsafe("insert into resource (ck, rid, type, id, version, updated, deleted, persons, content) select u.ck, u.rid, u.type, u.id, 1, 0, false, array[1]::bigint[], u.content from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], string_to_array($5, chr(30))) u(ck, rid, type, id, content)", cells, { prepare: true }),
        ...insertRows(tx, rows),
      ]);
    });
  }));
  const seconds = (performance.now() - start) / 1000;
  await sql.end();
  return seconds;
}
