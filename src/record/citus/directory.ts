/** Where resources lie, asked before the statement that reads them: naming the bucket is what lets Citus ask one shard. */
import type { ResourceKey } from "#fhir/resource.ts";
import { placeOf, ridOf } from "../keys.ts";
import { numbers, type Queryable } from "../sql.ts";

/** Of each key the bucket: told by the id, else by the directory; undefined where neither knows it. */
export async function placesOf(db: Queryable, keys: readonly ResourceKey[]): Promise<(number | undefined)[]> {
  const places = keys.map(({ type, id }) => placeOf(type, id));
  const unknown = keys.filter((_, i) => places[i] === undefined).map(({ type, id }) => ridOf(type, id));
  if (!unknown.length) return places;
  const rows = await db.unsafe<{ rid: string; ck: string }[]>("select rid, ck from directory where rid = any($1::bigint[])", [numbers(unknown)], { prepare: true });
  const listed = new Map(rows.map(({ rid, ck }) => [rid, Number(ck)]));
  return places.map((place, i) => place ?? listed.get(ridOf(keys[i]!.type, keys[i]!.id)));
}
