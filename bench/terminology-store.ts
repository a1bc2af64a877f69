/**
 * Group `terminology-store`: a made-up release of SNOMED CT's size (350,000 concepts, 1.5 million descriptions, 1.2
 * million relationships) loaded into PostgreSQL, and what is asked of it. Floors: the release's lines copied into tables
 * without indexes, and for questions the plainest statement of the same answer through the same driver.
 */
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type postgres from "postgres";
import { testDatabase } from "#platform/database/testing.ts";
import { releaseFiles } from "#exchange/terminology/files.ts";
import { openRelease } from "#exchange/terminology/release.ts";
import { openRecord } from "#record/open.ts";
import { DatabaseTerminology, terminologyPool } from "#record/terminology/open.ts";
import { loadEdition } from "#record/terminology/write.ts";
import { snomedSize, writeRelease } from "./terminology-store/release.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";

const group = "terminology-store";
/** Share of SNOMED CT's size, for a quick run. */
const share = Number(process.env.SALUS_BENCH_SHARE ?? 1);

export async function run(): Promise<Row[]> {
  const folder = benchFolder();
  const database = await testDatabase();
  const opened = await openRecord({ url: database.url, sequencer: false });
  if (!opened.ok) throw new Error(opened.failure.text);
  const db = terminologyPool(database.url);
  const rows: Row[] = [];
  const add = (name: string, ours: number, floor: number, unit: string, note?: string) => rows.push({ group, name, ours, floor, unit, ...(note ? { note } : {}) });
  try {
    const made = await writeRelease(folder, { ...snomedSize, concepts: Math.round(snomedSize.concepts * share) });
    const floorSeconds = await copyPlainly(db, folder);
    const started = performance.now();
    const release = await openRelease(folder);
    if (!release.ok) throw new Error(release.failure.text);
    const loaded = await loadEdition(db, release.value, { now: new Date() });
    if (!loaded.ok) throw new Error(loaded.failure.text);
    const seconds = (performance.now() - started) / 1000;
    const { counts, edition } = loaded.value;
    assert.equal(counts.dangling, 0);
    const lines = made.descriptions + made.relationships + made.ids.length * 5;
    const [size] = await db.unsafe<{ all: string; closure: string }[]>("select sum(pg_total_relation_size(c.oid)) as all, sum(pg_total_relation_size(c.oid)) filter (where c.relname = 'terminology_closure') as closure from pg_class c where c.relkind = 'r' and c.relname like 'terminology%'");
    add("load, lines of the release", lines / seconds, lines / floorSeconds, "/s", `${seconds.toFixed(0)} s; closure ${counts.closure.toLocaleString("en")} pairs; ${Math.round(Number(size!.all) / 1e6)} MB, closure ${Math.round(Number(size!.closure) / 1e6)} MB`);

    const [system] = await new DatabaseTerminology(db).systems(release.value.system);
    assert.ok(system);
    const [root] = made.ids, inner = made.ids[100]!;
    const ecl = (value: string) => ({ filters: [{ property: "constraint", op: "=" as const, value }] });
    const page = async (value: string, count = 100): Promise<number> => {
      const found = await system.select({ ...ecl(value), count });
      if (!found.ok) throw new Error(found.failure.text);
      return found.value.concepts.length;
    };
    const total = async (value: string): Promise<string> => {
      const found = await system.select({ ...ecl(value), count: 1 });
      return found.ok ? found.value.total!.toLocaleString("en") : found.failure.text;
    };
    const numberOf = async (code: string) => Number((await db.unsafe<{ concept: number }[]>("select concept from terminology_concept where edition = $1 and code = $2", [edition, code]))[0]!.concept);
    const [rootNumber, innerNumber] = [await numberOf(root!), await numberOf(inner)];
    const below = (number: number) => db.unsafe("select k.code, k.display from terminology_closure t join terminology_concept k on k.edition = t.edition and k.concept = t.descendant where t.edition = $1 and t.ancestor = $2 order by t.descendant limit 100", [edition, number]);

    add("<< all, first 100 with all that is said of them", await perSecond(() => page(`<< ${root}`)), await perSecond(() => below(rootNumber)), "/s");
    add("<< inner concept, first 100", await perSecond(() => page(`<< ${inner}`)), await perSecond(() => below(innerNumber)), "/s", `${await total(`<< ${inner}`)} concepts below`);
    const attribute = made.attributes[0]!, attributeNumber = await numberOf(attribute);
    const refined = `<< ${root} : ${attribute} = << ${inner}`;
    add("refinement << a : b = << c, first 100", await perSecond(() => page(refined)), await perSecond(() => db.unsafe(
      "select distinct r.source from terminology_relationship r join terminology_closure t on t.edition = r.edition and t.descendant = r.target and t.ancestor = $3 where r.edition = $1 and r.attribute = $2 order by r.source limit 100", [edition, attributeNumber, innerNumber])), "/s", `${await total(refined)} concepts`);
    const groups = `< ${inner} : [1..2] { ${attribute} = *, ${made.attributes[1]} = << ${made.ids[75]} } OR ${made.attributes[2]} != ${inner}`;
    add("groups, cardinality, OR, first 100", await perSecond(() => page(groups)), await perSecond(() => below(innerNumber)), "/s", "floor: the plain descendants");
    add("members of a reference set below a concept, first 100", await perSecond(() => page(`^ ${made.refset} AND < ${inner}`)), await perSecond(() => below(innerNumber)), "/s", "floor: the plain descendants");
    add("text search, two beginnings of words, first 20", await perSecond(async () => { await system.select({ filters: [], text: "cardio gas", count: 20 }); }), await perSecond(() => db.unsafe("select distinct concept from terminology_designation where edition = $1 and words @@ $2::tsquery order by concept limit 20", [edition, "'cardio':* & 'gas':*"])), "/s");

    const some = Array.from({ length: 20_000 }, (_, i) => made.ids[(i * 7919) % made.ids.length]!);
    add("look-ups of one code, 100 in flight", await inFlight(some, async (code) => { assert.ok((await system.concepts([code]))[0]); }), await inFlight(some, async (code) => { await db.unsafe("select code, display from terminology_concept where edition = $1 and code = $2", [edition, code], { prepare: true }); }), "/s", "floor: code and display, prepared");
    add("is one code in << inner, 100 in flight", await inFlight(some.slice(0, 4000), async (code) => { await system.matches([{ property: "concept", op: "is-a", value: inner }], [code]); }), await inFlight(some.slice(0, 4000), async (code) => {
      await db.unsafe("select 1 from terminology_concept k join terminology_closure t on t.edition = k.edition and t.descendant = k.concept and t.ancestor = $3 where k.edition = $1 and k.code = $2", [edition, code, innerNumber], { prepare: true });
    }), "/s");
    return rows;
  } finally {
    await db.end();
    await opened.value.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same lines, each a row of text, in one transaction. */
async function copyPlainly(db: postgres.Sql, folder: string): Promise<number> {
  const files = await releaseFiles(folder);
  assert.equal(files.length, readdirSync(folder).length);
  const started = performance.now();
  await db.begin(async (tx) => {
    for (const [i, file] of files.entries()) {
      const columns = (await once(file.chunks() as unknown as NodeJS.ReadableStream, "data") as [Buffer])[0].toString("utf8").split("\n")[0]!.split("\t");
      await tx.unsafe(`create table plain_${i} (${columns.map((name) => `"${name}" text`).join(", ")})`);
      const stream = await tx.unsafe(`copy plain_${i} from stdin`).writable();
      for await (const chunk of file.chunks()) if (!stream.write(chunk)) await once(stream, "drain");
      stream.end();
      await finished(stream);
    }
  });
  const seconds = (performance.now() - started) / 1000;
  for (const i of files.keys()) await db.unsafe(`drop table plain_${i}`);
  return seconds;
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 3; i++) await work();
  let count = 0;
  const started = performance.now();
  while (performance.now() - started < 1500) {
    await work();
    count += 1;
  }
  return count / (performance.now() - started) * 1000;
}

async function inFlight(items: readonly string[], work: (item: string) => Promise<void>): Promise<number> {
  const queue = items.values(), started = performance.now();
  await Promise.all(Array.from({ length: 100 }, async () => { for (const item of queue) await work(item); }));
  return items.length / (performance.now() - started) * 1000;
}
