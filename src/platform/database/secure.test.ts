import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Sql } from "postgres";
import { arrayOf } from "./arrays.ts";
import { withMarks } from "./bind-arrays.ts";
import { openClient } from "./client.ts";
import { testDatabase } from "./testing.ts";
import { authority, tlsFront, type Front } from "./testing-tls.ts";

let database: Awaited<ReturnType<typeof testDatabase>>, folder: string;
const root = (): string => encodeURIComponent(join(folder, "root.crt"));
before(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "salus-tls-"));
  writeFileSync(join(folder, "root.crt"), authority);
});
after(async () => { rmSync(folder, { recursive: true }); await database.close(); });

async function through<T>(front: Front, query: string, work: (sql: Sql, cut: () => Promise<void>) => Promise<T>, { host = "localhost", gathering = true, seconds = 60 } = {}): Promise<T> {
  const server = await tlsFront(database.url, front);
  const url = new URL(database.url);
  url.hostname = host;
  url.port = String(server.port);
  url.search = query;
  const closed = Promise.withResolvers<void>();
  const sql = openClient(url.href, { max: 1, gathering, fetch_types: false, onnotice: () => {}, connect_timeout: seconds, onclose: () => { closed.resolve(); } });
  try {
    return await work(sql, async () => {
      server.cut();
      // A statement that is given before the client has heard of it fails.
      await closed.promise;
    });
  } finally {
    await sql.end({ timeout: 1 });
    server.close();
  }
}

const one = async (sql: Sql): Promise<unknown> => (await sql.unsafe("select 1 as one"))[0]!.one;

for (const gathering of [true, false])
  for (const [query, host] of [["?sslmode=require", "localhost"], ["?sslmode=prefer", "localhost"], ["?sslmode=verify-ca&sslrootcert=ROOT", "127.0.0.1"], ["?sslmode=verify-full&sslrootcert=ROOT", "localhost"], ["?sslmode=require&sslnegotiation=direct", "localhost"]] as const)
    test(`${query} to ${host}${gathering ? ", gathering" : ""}`, async () => {
      assert.equal(await through({}, query.replace("ROOT", root()), one, { host, gathering }), 1);
    });

for (const [query, host, reason] of [["?sslmode=verify-full&sslrootcert=ROOT", "127.0.0.1", /altnames|does not match/], ["?sslmode=verify-full", "localhost", /self-signed|unable to (get|verify)/]] as const)
  for (const gathering of [true, false])
    test(`${query} refuses ${host} that is not what its certificate says${gathering ? ", gathering" : ""}`, async () => {
      await assert.rejects(through({}, query.replace("ROOT", root()), one, { host, gathering }), reason);
    });

test("a server without TLS: refused where it was asked for, taken where it was preferred; the next statement asks again", async () => {
  await through({ answer: "no" }, "?sslmode=require", async (sql) => {
    for (let i = 0; i < 2; i++) await assert.rejects(one(sql), /speaks no TLS/);
  });
  assert.equal(await through({ answer: "no" }, "?sslmode=prefer", one), 1);
});

test("what comes between the answer and TLS is not listened to; no answer is not waited for", async () => {
  await assert.rejects(through({ answer: "stuffed" }, "?sslmode=require", one), /did not say/);
  await assert.rejects(through({ answer: "silent" }, "?sslmode=require", one, { seconds: 1 }), /within 1 s/);
});

test("arrays go in binary, and a connection that breaks is made again", async () => {
  const sent: Buffer[] = [];
  const [numbers, words] = [arrayOf("bigint", 3, (i) => i + 40), arrayOf("text", 3, (i) => `word ${i}`)];
  const rows = await through({ onBytes: (bytes) => sent.push(bytes) }, "?sslmode=require", async (sql, cut) => {
    const ask = () => withMarks([numbers, words], () => sql.unsafe("select unnest($1::bigint[])::int as n, unnest($2::text[]) as word", [numbers, words] as unknown as string[], { prepare: true }));
    await ask();
    await cut();
    return await ask();
  });
  assert.deepEqual([...rows], [0, 1, 2].map((i) => ({ n: i + 40, word: `word ${i}` })));
  assert.ok(Buffer.concat(sent).includes(numbers.bytes));
});
