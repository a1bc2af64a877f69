/** Whether the key file opens the sealed signing keys of a database. Changes nothing, makes no key file. */
import { existsSync } from "node:fs";
import type { Remark } from "#platform/remark.ts";
import type { Queryable } from "#record/sql.ts";
import { openCustody } from "./custody.ts";
import { aboutKey } from "./keys.ts";

export async function inspectKeys(tx: Queryable, keyFile: string): Promise<Remark[]> {
  const rows = await tx.unsafe<{ id: string; owner: string; sealed: Buffer }[]>("select id, owner, sealed from trust.signing_key where retired is null order by created");
  if (!rows.length) return [];
  if (!existsSync(keyFile)) return [{ check: "keys", severity: "error", text: `${rows.length} signing keys are sealed, and their key file ${keyFile} is not there: nothing can be signed`, mend: "Bring the key file back from its copy (SALUS_KEY_FILE names another place)" }];
  const custody = await openCustody("", keyFile);
  if (!custody.ok) return [{ check: "keys", severity: "error", text: custody.failure.text }];
  const closed = rows.filter(({ id, owner, sealed }) => !custody.value.open(sealed, aboutKey(id, owner)).ok);
  return closed.length ? [{ check: "keys", severity: "error", text: `${closed.length} of ${rows.length} signing keys do not open with ${keyFile}: it is another key file, or their rows were changed`, mend: "Name the right file with SALUS_KEY_FILE; where it is lost, rotate the keys (docs/trust.md)" }] : [];
}
