/**
 * Undoes a merge: every resource that it changed gets, as a new version, the content it had before. All or nothing; what
 * was changed since would be lost, so that is refused and named. What was recorded about the target since stays there.
 */
import { fail, ok, type Issue, type Result } from "#platform/result.ts";
import { ridOf } from "../keys.ts";
import { insertLeaves } from "../ledger/leaf.ts";
import type { Caller } from "../record.ts";
import { numbers, run, sql, type Queryable } from "../sql.ts";
import type { Committer } from "../write/commit.ts";
import { readCurrent } from "../write/current.ts";
import { draftOf, type Draft } from "../write/draft.ts";
import { mergeLeaf, type Merge, type MergeEntry } from "./merge.ts";

/** `result`: the source as it is then. */
export async function unmergePatients(committer: Committer, caller: Caller, { source, target }: { source: string; target: string }, at: number): Promise<Result<Merge>> {
  let undone: { merge: string; entries: MergeEntry[] } | undefined;
  const done = await committer.alone(caller, async (tx) => {
    const [row] = await run<{ merge: string; entries: string }>(tx, sql`update merge set undone = ${at}::bigint where merge in (select merge from merge where source = ${source} and target = ${target} and undone is null order by at desc limit 1) and undone is null returning merge, entries`);
    if (!row) return fail("not-found", `No merge of Patient/${source} into Patient/${target} stands.`);
    const entries = JSON.parse(row.entries) as MergeEntry[];
    const drafts = await draftsOf(tx, entries);
    if (!drafts.ok) return drafts;
    undone = { merge: row.merge, entries: entries.map(({ type, id, after }) => ({ type, id, before: after, after: after + 1 })) };
    await insertLeaves(tx, [mergeLeaf("unmerge", at, caller, source, undone.entries)]);
    return drafts;
  }, { validate: false });
  if (!done.ok) return done;
  const restored = done.value.find(({ type, id }) => type === "Patient" && id === source);
  return ok({ ...undone!, result: restored!.text! });
}

async function draftsOf(tx: Queryable, entries: readonly MergeEntry[]): Promise<Result<Draft[]>> {
  const current = await readCurrent(tx, entries);
  const issues: Issue[] = [];
  const drafts: Draft[] = [];
  const earlier = await run<{ rid: string; content: string }>(tx, sql`select v.rid, v.content from unnest(${numbers(entries.map(({ type, id }) => current.get(ridOf(type, id))?.ck ?? 0))}::bigint[], ${numbers(entries.map(({ type, id }) => ridOf(type, id)))}::bigint[], ${numbers(entries.map(({ before }) => before))}::int[]) u(ck, rid, version)
    join version v on v.ck = u.ck and v.rid = u.rid and v.version = u.version`);
  const contents = new Map(earlier.map(({ rid, content }) => [rid, content]));
  for (const { type, id, after } of entries) {
    const rid = ridOf(type, id);
    const now = current.get(rid)?.current, before = contents.get(rid);
    if (!now || now.deleted || now.version !== after || before === undefined) {
      issues.push({ severity: "error", code: "conflict", text: `${type}/${id} was changed after the merge${now ? `: it is at version ${now.version}, the merge made ${after}` : ""}. Bring it back to the merge's content first` });
      continue;
    }
    const draft = draftOf({ kind: "update", type, id, text: before }, false);
    if (!draft.ok) return draft;
    drafts.push({ ...draft.value, base: now.updated });
  }
  return issues.length ? fail("conflict", `${issues.length} of ${entries.length} resources were changed after the merge; nothing was undone`, issues.slice(0, 100)) : ok(drafts);
}
