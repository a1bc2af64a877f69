/** `salus view VIEW.json --record`: the rows of a view over the record of the node in a folder, or of DATABASE_URL. */
import type { View } from "#fhir/views/compile.ts";
import type { Encoder } from "#fhir/views/output/encoder.ts";
import type { Result } from "#platform/result.ts";
import { runViews, ViewRows, type WritePieces } from "#research/views/run-views.ts";
import { scopeOf } from "#research/views/view-scope.ts";
import { openNode, operator } from "#server/node.ts";

/** `since`: epoch ms. `folder`: of the node. */
export type RecordWords = { patients: readonly string[]; groups: readonly string[]; since?: number; limit?: number; folder?: string };

export async function rowsOfRecord(view: View, rows: Encoder, write: WritePieces, { patients, groups, since, limit, folder }: RecordWords): Promise<Result<{ resources: number }>> {
  const node = await openNode(folder === undefined ? {} : { folder });
  try {
    const scope = await scopeOf(node.record, operator, { patients, groups });
    if (!scope.ok) return scope;
    return await runViews(node.record, operator, [new ViewRows(view, rows, write, limit)], { scope: scope.value, at: node.clock.now().getTime(), ...(since === undefined ? {} : { since }) });
  } finally {
    await node.close();
  }
}
