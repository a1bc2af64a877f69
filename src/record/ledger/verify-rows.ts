/** Index rows, compartments and care against what the stored content gives when it is derived again. */
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { placeOf, ridOf } from "../keys.ts";
import { readDefinitions, unsettledKeys, withCustom, type Definitions } from "../parameters/definitions.ts";
import { differences, isOrphan, storedRows } from "../reindex/differences.ts";
import { storedPersons } from "../reindex/stored-persons.ts";
import { derive, emptyRows, tableNames } from "../rows.ts";
import { numbers, type Queryable } from "../sql.ts";
import { bigints } from "../write/current.ts";
import type { VerifyFault, VerifyProgress } from "./verify-report.ts";

type Row = { ck: string; rid: string; type: string; id: string; deleted: boolean; persons: string; content: string };
type Note = (fault: VerifyFault) => void;

const batch = 500;

export async function checkIndexRows(tx: Queryable, note: Note, progress: (progress: VerifyProgress) => void): Promise<number> {
  const [counted] = await tx.unsafe<{ total: string }[]>("select count(*) as total from resource");
  // Of the same snapshot. Rows of a parameter that is being built, or removed, may be there or not.
  const definitions = await readDefinitions(tx);
  const unsettled = unsettledKeys(definitions);
  let checked = 0, done = 0;
  for (let place = ["-9223372036854775808", "-9223372036854775808"]; ; ) {
    const rows = await tx.unsafe<Row[]>(`select ck, rid, type, id, deleted, persons::text as persons, content from resource
      where (ck, rid) > ($1::bigint, $2::bigint) order by ck, rid limit ${batch}`, place, { prepare: true });
    const last = rows.at(-1);
    if (!last) break;
    checked += await checkBatch(tx, rows, definitions, unsettled, note);
    place = [last.ck, last.rid];
    done += rows.length;
    progress({ step: "index", done, total: Number(counted!.total) });
  }
  for (const table of tableNames) {
    const orphans = await tx.unsafe<{ rid: string; ck: string; count: string }[]>(`select t.ck, t.rid, count(*) as count from ${table} t
      where ${isOrphan(table)} group by t.ck, t.rid limit 100`);
    for (const { ck, rid, count } of orphans) note({ what: "index", fault: { code: "index-orphans", table, count: Number(count) }, table, text: `Table ${table} has ${count} rows of a resource that is not there (ck ${ck}, rid ${rid})` });
  }
  return checked;
}

async function checkBatch(tx: Queryable, rows: readonly Row[], definitions: Definitions, unsettled: ReadonlySet<number>, note: Note): Promise<number> {
  const expected = emptyRows();
  const names = new Map<string, string>();
  for (const row of rows) {
    names.set(`${row.ck} ${row.rid}`, `${row.type}/${row.id}`);
    const reference = `${row.type}/${row.id}`;
    const place = placeOf(row.type, row.id);
    if (ridOf(row.type, row.id) !== row.rid || (place !== undefined && place !== Number(row.ck))) note({ what: "index", fault: { code: "index-key" }, reference, table: "resource", text: `${reference} stands under the key of another resource` });
    if (row.deleted) continue;
    let value: Resource;
    try { value = JSON.parse(row.content) as Resource; } catch { note({ what: "version", fault: { code: "version-not-json" }, reference, text: `${reference} is no JSON any more` }); continue; }
    const index = indexRows(value);
    const persons = await storedPersons(tx, value, row.rid, index);
    if (persons.join() !== bigints(row.persons).join()) note({ what: "index", fault: { code: "index-persons" }, reference, table: "resource", text: `${reference}: its persons are not those its content names` });
    derive(expected, value, Number(row.ck), row.rid, persons, withCustom(index, value, definitions));
  }
  let checked = 0;
  const keys = [numbers(rows.map((row) => row.ck)), numbers(rows.map((row) => row.rid))];
  for (const table of tableNames) {
    const stored = await storedRows(tx, table, keys);
    checked += stored.length;
    for (const [key, { missing, extra }] of differences(table, expected[table], stored, undefined, unsettled)) {
      const reference = names.get(key);
      note({ what: "index", fault: { code: "index-differs", table, missing, extra }, table, ...(reference ? { reference } : {}), text: `${reference ?? key}: table ${table} lacks ${missing} rows its content gives and has ${extra} it does not give` });
    }
  }
  return checked;
}
