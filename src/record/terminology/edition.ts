/** Editions: which systems are loaded, in which versions. */
import type postgres from "postgres";
import type { Queryable } from "../sql.ts";

/** What a system says of itself beside its concepts. */
export type EditionHeader = {
  name: string; title: string; language: string; caseSensitive: boolean; hierarchy: boolean;
  properties: readonly { code: string; type?: string; description?: string }[]; copyright?: string;
};

export type EditionCounts = { concepts: number; designations: number; relationships: number; members: number; properties: number; parents: number; closure: number; /** Rows that named a concept the release does not have. */ dangling: number };

export type Edition = { edition: number; system: string; version: string; form: string; header: EditionHeader; counts: EditionCounts; loadedAt: Date };

export const tables: readonly string[] = ["concept", "parent", "closure", "designation", "relationship", "member", "property"].map((name) => `terminology_${name}`);

export async function listEditions(db: Queryable): Promise<Edition[]> {
  const rows = await db.unsafe<{ edition: number; system: string; version: string; form: string; header: string; counts: string; loaded_at: string }[]>(
    "select edition, system, version, form, header::text, counts::text, loaded_at::text from terminology_edition order by system, version");
  return rows.map(({ loaded_at, header, counts, ...row }) => ({ ...row, edition: Number(row.edition), header: JSON.parse(header) as EditionHeader, counts: JSON.parse(counts) as EditionCounts, loadedAt: new Date(loaded_at) }));
}

/** Takes an edition off the list; false where there is none. Its rows go with `tidyEditions`. */
export async function removeEdition(db: Queryable, system: string, version: string): Promise<boolean> {
  return (await db.unsafe("delete from terminology_edition where system = $1 and version = $2 returning edition", [system, version])).length > 0;
}

/** Readers look at the list once in this time (ms), so rows outlive their edition a little longer. */
export const listedForMs = 1000;

/**
 * Deletes rows of editions that are not listed (replaced, or removed), and vacuums: once rows are known to be seen by
 * all, indexes alone answer most questions.
 */
export async function tidyEditions(db: postgres.Sql): Promise<void> {
  const connection = await db.reserve();
  try {
    await connection.unsafe("set statement_timeout = 0");
    const left = await connection.unsafe<{ edition: number }[]>(`with recursive present as (
        (select edition from terminology_concept order by edition limit 1)
        union all select (select k.edition from terminology_concept k where k.edition > p.edition order by k.edition limit 1) from present p where p.edition is not null)
      select edition from present where edition is not null and edition not in (select edition from terminology_edition)`);
    for (const { edition } of left) for (const table of tables.toReversed()) await connection.unsafe(`delete from ${table} where edition = $1`, [edition]);
    for (const table of tables) await connection.unsafe(`vacuum ${table}`);
    await connection.unsafe("reset statement_timeout");
  } finally {
    connection.release();
  }
}
