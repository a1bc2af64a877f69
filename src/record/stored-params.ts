/** Which rows are stored where parameters repeat each other (repeats.ts), and under which parameters a search finds them. */
import { keepersOf, partsOf } from "#fhir/search/repeats.ts";
import type { ReferenceRow } from "#fhir/search/rows.ts";

/**
 * The parameters whose stored rows answer for one: itself, or what it is made of, which has the same values; of references
 * those that have some of its rows too. `targets`: of rows that lead to resources here of one of these types alone.
 */
export function storedParams(type: string, param: string, targets?: readonly string[]): readonly string[] {
  const keepers = keepersOf(type, param);
  if (!keepers) return partsOf(type, param) ?? [param];
  const { own, narrowed } = keepers;
  return targets ? [...new Set(targets.map((target) => narrowed.get(target) ?? own))] : [own, ...narrowed.values()];
}

/** References as they are stored: each under the narrowest parameter that has it. */
export function* keptReferences(type: string, rows: readonly ReferenceRow[]): Iterable<ReferenceRow> {
  let narrow: Set<string> | undefined;
  for (const row of rows) {
    const keepers = keepersOf(type, row.param);
    if (keepers) {
      const { own, narrowed } = keepers;
      if (row.param !== own) continue;
      if ((row.targetId !== undefined || row.contained !== undefined) && row.targetType !== undefined) { if (narrowed.has(row.targetType)) continue; }
      else if (narrowed.size) {
        // Which type a url or an identifier leads to is said by the rows there are.
        narrow ??= new Set(rows.map(rowText));
        if ([...narrowed.values()].some((param) => narrow!.has(rowText({ ...row, param })))) continue;
      }
    }
    yield row;
  }
}

function rowText({ param, url, version, identifierSystem, identifierValue }: ReferenceRow): string {
  return JSON.stringify([param, url, version, identifierSystem, identifierValue]);
}
