/**
 * Searches by code that follow no references and name no person: with which of their codes to begin (the rarest), and whether
 * a practitioner's begins in the buckets of the people in their care rather than among everybody's rows. Rows come in the
 * same order either way, so each page may be found as is best at its time.
 */
import type { Filter } from "#fhir/search/query-model.ts";
import { ridOf } from "../keys.ts";
import { liesWithPersons } from "../persons.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";
import { choose, newScope, type Choice } from "./candidates.ts";
import { comesInOrder, rowsUntil, sharesOf, sizeOf, startsCost, walkCost, type Goal } from "./cost.ts";
import { patientsAsked } from "./reference.ts";
import type { Counts } from "./scope.ts";
import type { Weights } from "./weigh.ts";

/** `choice`: the filter that drives. `care`: in the buckets of those in the caller's care, see access.ts. */
export type Narrowing = { choice: Choice; care: boolean };

/** Undefined where nothing need be counted. */
export async function narrow(weights: Weights, db: Queryable, caller: Caller, goal: Goal, filters: readonly Filter[]): Promise<Narrowing | undefined> {
  const first = choose(newScope(caller), goal, filters), drives = filters[first];
  if (drives?.kind !== "token" || drives.param === "identifier" || caller.filter.kind === "patient" || filters.some((filter) => patientsAsked(filter))) return undefined;
  const codes = filters.filter((filter) => filter.kind === "token" && filter.modifier === undefined && filter.terms.every(({ code }) => code !== undefined));
  const practitioner = caller.filter.kind === "practitioner" && liesWithPersons(goal.type) ? ridOf("Practitioner", caller.filter.practitioner) : undefined;
  if (codes.length < 2 && practitioner === undefined) return undefined;
  const { counts, inCare } = await weights.ofCodes(db, goal.type, codes, practitioner);
  const rowsOf = (filter: Filter): number => counts.rows.get(filter) ?? Infinity;
  const rarest = codes.reduce((best, code) => rowsOf(code) < rowsOf(best) ? code : best, drives);
  return { choice: filters.indexOf(rarest), care: inCare !== undefined && beginsWithPeople(counts, goal, rowsOf(rarest), filters.filter((one) => one !== rarest), inCare) };
}

function beginsWithPeople(counts: Counts, goal: Goal, rows: number, others: readonly Filter[], inCare: number): boolean {
  const people = sizeOf(counts, "Patient"), share = sharesOf(counts, goal.type, others), inOrder = comesInOrder(goal, "at");
  const walked = walkCost(rowsUntil(goal, rows, share * Math.min(1, Math.max(inCare, 1) / people), inOrder), others);
  // To find the buckets of each is about as much again as to begin there.
  return startsCost(inCare, rowsUntil(goal, rows / people, share, inOrder), others) + startsCost(inCare, 0, []) < walked;
}
