/**
 * Contents of versions this process has sent lately, of each resource the newest sent. A version never changes, so a
 * read or a page asks PostgreSQL only which versions it holds (found, ordered and filtered there as ever) and for the
 * contents not known here. While fewer than half would be known, pages bring their contents along in the one statement.
 */
import { numbers, raw, run, sql, type Queryable } from "../sql.ts";

/** `updated` tells a version from one of the same number in a database that was restored meanwhile. `persons`: as PostgreSQL writes an array; a version may get others. */
export type Versioned = { ck: string; rid: string; id: string; version: number; updated: string; persons: string };
export type Known = Omit<Versioned, "rid"> & { content: string };

export class Contents {
  /** Two generations: what is asked for moves to the young one, what was not is dropped with the old. */
  #young = new Map<string, Known>();
  #old = new Map<string, Known>();
  #characters = 0;
  /** Part of the contents of late pages that was known, 0 to 1. */
  #share = 0;
  readonly #generation: number;

  /** `charactersMax`: at most so many are kept; one or two bytes each. */
  constructor(charactersMax: number) {
    this.#generation = charactersMax / 2;
  }

  /** Whether the next page does better to leave contents out. */
  get worthwhile(): boolean {
    return this.#share >= 0.5;
  }

  /** Rows that came with their contents. */
  learn(rows: readonly (Versioned & { content: string })[]): void {
    let known = 0;
    for (const row of rows) {
      if (this.#find(row) !== undefined) known++;
      else this.keep(row, row.content);
    }
    this.#count(known, rows.length);
  }

  /** Gives rows without contents theirs: exactly of the version each row states, replaced meanwhile or not. */
  async complete<Row extends Versioned & { content: string }>(db: Queryable, rows: readonly Row[]): Promise<void> {
    const missing: Row[] = [];
    for (const row of rows) {
      const content = this.#find(row);
      if (content === undefined) missing.push(row);
      else row.content = content;
    }
    this.#count(rows.length - missing.length, rows.length);
    if (!missing.length) return;
    const found = db.distributed ? await contentsOf(db, missing) : await run<{ rid: string; content: string }>(db, sql`select u.rid, coalesce(
        (select r.content from resource r where r.ck = u.ck and r.rid = u.rid and r.version = u.version),
        (select v.content from version v where v.ck = u.ck and v.rid = u.rid and v.version = u.version)) as content
      from unnest(${numbers(missing.map((row) => row.ck))}::bigint[], ${numbers(missing.map((row) => row.rid))}::bigint[], ${numbers(missing.map((row) => row.version))}::int[]) u(ck, rid, version)`);
    const byRid = new Map(found.map(({ rid, content }) => [rid, content]));
    for (const row of missing) {
      const content = byRid.get(row.rid);
      if (content === undefined || content === null) throw new Error(`version ${row.version} of a row that was found is gone; run "salus verify"`);
      row.content = content;
      this.keep(row, content);
    }
  }

  /** The newest version sent of a resource: for a question that says which version its answer need not repeat. */
  newest(rid: string, id: string): Known | undefined {
    let known = this.#young.get(rid);
    if (!known) {
      known = this.#old.get(rid);
      if (known) this.#put(rid, known);
    }
    return known?.id === id ? known : undefined;
  }

  #find({ rid, version, id, updated }: Versioned): string | undefined {
    const known = this.newest(rid, id);
    return known && known.version === version && known.updated === updated ? known.content : undefined;
  }

  keep({ ck, rid, version, id, updated, persons }: Versioned, content: string): void {
    this.#put(rid, { ck, id, version, updated, persons, content });
  }

  #put(rid: string, known: Known): void {
    // Counted again when it is kept again: the bound stays an upper one.
    this.#characters += known.content.length;
    if (this.#characters > this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = known.content.length;
    }
    if (known.content.length <= this.#generation) this.#young.set(rid, known);
  }

  #count(known: number, all: number): void {
    if (all > 0) this.#share += (known / all - this.#share) / 32;
  }
}

/** For Citus: a statement each for current and replaced versions, of the shards they lie on. */
async function contentsOf(db: Queryable, rows: readonly Versioned[]): Promise<{ rid: string; content: string }[]> {
  const cks = numbers(rows.map((row) => row.ck));
  const found = await Promise.all(["resource", "version"].map((table) => run<{ rid: string; content: string }>(db, sql`select r.rid, r.content
    from unnest(${cks}::bigint[], ${numbers(rows.map((row) => row.rid))}::bigint[], ${numbers(rows.map((row) => row.version))}::int[]) u(ck, rid, version)
    join ${raw(table)} r on r.ck = u.ck and r.rid = u.rid and r.version = u.version where r.ck = any(${cks}::bigint[])`)));
  return found.flat();
}
