/**
 * What ways to run a search over references cost: estimates from counted rows (weigh.ts), in units of an index row that
 * is passed by. They choose a plan, never an answer.
 */
import { unreachable } from "#platform/result.ts";
import type { Filter, SortKey } from "#fhir/search/query-model.ts";
import { mainDateOf } from "../rows.ts";
import type { Counts } from "./scope.ts";

/** What is wanted of a search: so many rows, in this order; Infinity: all. */
export type Goal = { type: string; sort: readonly SortKey[]; rows: number };

/** To find one place in an index, and to ask one condition of a row there. */
const descent = 4;
/** Of what was not counted. */
const unknownShare = 0.5;
/** Nothing is believed to be rarer: conditions often go together. */
const leastShare = 1e-4;

export function allOf(type: string): Goal {
  return { type, sort: [], rows: Infinity };
}

/** Whether rows of such a driver come in the order that is wanted, so that the first ones will do. */
export function comesInOrder({ type, sort: [first] }: Goal, driver: "at" | "resource" | "plain"): boolean {
  if (driver === "plain") return false;
  if (first === undefined) return true;
  return driver === "at" ? first.kind === "param" && first.descending && first.searchType === "date" && mainDateOf(type) === first.param : first.kind === "lastUpdated";
}

export function sizeOf({ sizes }: Counts, type: string): number {
  return Math.max(1, sizes.get(type) ?? 1);
}

/** Share of a type's resources that pass, from 0 to 1. */
export function shareOf(counts: Counts, type: string, filter: Filter): number {
  return Math.min(1, Math.max(leastShare, ((): number => {
    switch (filter.kind) {
      case "chain": return filter.branches.reduce((sum, branch) => sum + shareOf(counts, branch.type, branch.filter), 0);
      case "has": return reachedBy(counts, filter) / sizeOf(counts, type);
      case "and": return sharesOf(counts, type, filter.filters);
      case "or": return filter.filters.reduce((sum, one) => sum + shareOf(counts, type, one), 0);
      case "not": return 1 - shareOf(counts, type, filter.filter);
      default: {
        const rows = counts.rows.get(filter);
        const share = rows === undefined || rows === Infinity ? unknownShare : rows / sizeOf(counts, type);
        return filter.kind === "token" && filter.modifier === "not" ? 1 - share : share;
      }
    }
  })()));
}

/** As if one said nothing of the other. */
export function sharesOf(counts: Counts, type: string, filters: readonly Filter[]): number {
  return filters.reduce((product, one) => product * shareOf(counts, type, one), 1);
}

/** How many resources `_has` leads to: of Patients as many as there are buckets among its rows. */
export function reachedBy({ rows, buckets }: Counts, { filter }: Extract<Filter, { kind: "has" }>): number {
  return buckets.get(filter) ?? rows.get(filter) ?? Infinity;
}

/** To ask a condition of one row, its references followed. */
export function probeCost(filter: Filter): number {
  switch (filter.kind) {
    case "chain": return descent + filter.branches.reduce((sum, { filter: inner }) => sum + probeCost(inner), 0);
    case "has": return 3 * descent + probeCost(filter.filter);
    case "and": case "or": return filter.filters.reduce((sum, one) => sum + probeCost(one), 0);
    case "not": return probeCost(filter.filter);
    case "contained": return descent + filter.filters.reduce((sum, one) => sum + probeCost(one), 0);
    case "id": return 0;
    case "token": case "token-text": case "string": case "uri": case "reference": case "date": case "number": case "quantity": case "lastUpdated": case "compartment":
    case "missing": case "other": case "element": case "near": case "words": case "value-set": case "subsumes": case "hierarchy": return descent;
    default: return unreachable(filter);
  }
}

/** Rows looked at until enough pass. */
export function rowsUntil({ rows: wanted }: Goal, there: number, share: number, inOrder: boolean): number {
  return inOrder ? Math.min(there, wanted / share) : there;
}

export function walkCost(rows: number, others: readonly Filter[]): number {
  return rows * (1 + others.reduce((sum, one) => sum + probeCost(one), 0));
}

/** Beginning again at each of `starts`, `rows` at each. */
export function startsCost(starts: number, rows: number, others: readonly Filter[]): number {
  return starts * 2 * descent + walkCost(starts * rows, others);
}

/** Whether a set found once for `rows` that begin it is cheaper than following the references of `walked` rows. */
export function setIsCheaper(filter: Extract<Filter, { kind: "chain" | "has" }>, rows: number, walked: number): boolean {
  return rows * (filter.kind === "has" ? descent : 1) < walked * probeCost(filter);
}
