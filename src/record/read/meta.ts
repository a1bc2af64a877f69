/**
 * Profiles, tags and security labels in use on a type or the node, among what the caller may see: found in the index,
 * one example each is read for its display. Source: https://hl7.org/fhir/R4/resource-operation-meta.html
 */
import { resourceTypes } from "#fhir/definitions/load.ts";
import type { Coding, Meta } from "#fhir/resource.ts";
import { candidateVisible } from "../about.ts";
import { paramKey } from "../keys.ts";
import type { Caller } from "../record.ts";
import { numbers, run, sql, type Queryable } from "../sql.ts";

/** Of each set. */
const setMax = 1000;

/** `type` undefined: of the whole node. */
export async function readMetaInUse(db: Queryable, caller: Caller, type: string | undefined): Promise<Meta> {
  const types = type === undefined ? resourceTypes() : [type];
  const keys = (param: string): string => numbers(types.map((one) => paramKey(one, param)));
  const labels = async (param: "_tag" | "_security"): Promise<Coding[]> => {
    const rows = await run<{ code: string; content: string }>(db, sql`select u.plain as code, r.content from
        (select distinct on (t.plain, t.system) t.plain, t.system, t.ck, t.rid from token t where t.param = any(${keys(param)}::int[]) and ${candidateVisible(caller.filter, "t", type)} limit ${setMax}::int) u
      join resource r on r.ck = u.ck and r.rid = u.rid`);
    const found = new Map<string, Coding>();
    for (const { code, content } of rows) {
      const meta = (JSON.parse(content) as { meta?: Meta }).meta;
      for (const label of (param === "_tag" ? meta?.tag : meta?.security) ?? []) if (label.code === code) found.set(`${label.system}|${label.code}`, label);
    }
    return [...found.values()];
  };
  const profiles = await run<{ value: string }>(db, sql`select distinct t.value from uri t where t.param = any(${keys("_profile")}::int[]) and ${candidateVisible(caller.filter, "t", type)} order by t.value limit ${setMax}::int`);
  const [security, tag] = [await labels("_security"), await labels("_tag")];
  return { ...(profiles.length ? { profile: profiles.map(({ value }) => value) } : {}), ...(security.length ? { security } : {}), ...(tag.length ? { tag } : {}) };
}
