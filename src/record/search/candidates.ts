/**
 * From a parsed query to the set of its resources, as SQL over the index tables: one filter drives (the one likely
 * to find fewest rows), the others are checked on its rows, the caller's filter last.
 */
import { unreachable } from "#platform/result.ts";
import type { Filter, Leaf } from "#fhir/search/query-model.ts";
import { bucketsInCare, candidateVisible, rowsAbout } from "../about.ts";
import { rowVisible, sharedTypes } from "../access.ts";
import { placeOf, ridOf } from "../keys.ts";
import { liesWithPersons } from "../persons.ts";
import type { Caller } from "../record.ts";
import { join, numbers, raw, sql, type Sql } from "../sql.ts";
import { check } from "./check.ts";
import { elementTest } from "./element.ts";
import { nearTest } from "./near.ts";
import { compartmentSource, ownRow } from "./compartment.ts";
import { versionFits } from "./canonical.ts";
import { heldSet } from "./contained.ts";
import { chainTargets, heldBranches, ofChain, referredBy } from "./hop.ts";
import { sourceOf } from "./leaf.ts";
import { patientsAsked } from "./reference.ts";
import { allOf, comesInOrder, reachedBy, rowsUntil, sharesOf, sizeOf, startsCost, walkCost, type Goal } from "./cost.ts";
import { nothingCounted, type Counts, type Row, type Scope } from "./scope.ts";
import { hasMainDate } from "./source.ts";
import { namesWords, wordsTest } from "./words.ts";

/**
 * `m` is the driving row. `starts`: where given, `m` is walked in index order from each of these (distinct) values of the column on its own.
 * `driver`: what `m` is. "at": index rows with the main date; "resource": the resource itself; "plain": (ck, rid) alone.
 */
export type Candidates = { from: Sql; where: Sql; starts?: { values: Sql; column: "ck" | "target" }; driver: "at" | "resource" | "plain" };

/** Which filter drives: its place in the query, −1 for none. Later pages begin where the first did. */
export type Choice = number;

export function newScope(caller: Caller, counts: Counts = nothingCounted, { distributed = false, care = false }: { distributed?: boolean | undefined; care?: boolean | undefined } = {}): Scope {
  let used = 0;
  const scope: Scope = {
    caller, counts, distributed, care, alias: () => `a${++used}`,
    check: (type, filter, row) => check(scope, type, filter, row), setOf: (type, filters) => setOf(scope, type, filters), targetsOf: (from, chain) => chainTargets(scope, from, chain),
  };
  return scope;
}

/** Where nothing was counted: lower drives first. Undefined: cannot drive, for it says what is not there. */
function rank(filter: Filter, people: boolean): number | undefined {
  switch (filter.kind) {
    case "id": return 0;
    case "token": {
      if (filter.modifier === "not" || filter.terms.some((term) => term.code === undefined)) return undefined;
      if (filter.param === "identifier") return 1;
      // Within one person's bucket a code finds few rows; across all people a status finds nearly all.
      return (people ? 2 : 6) + (filter.param.endsWith("code") || filter.param === "vaccine-code" ? 0 : 0.5);
    }
    case "uri": return filter.modifier ? 8 : 3;
    case "reference": case "compartment": return 4;
    case "string": return filter.modifier === "contains" || filter.modifier === "ends" ? 7 : 5;
    case "contained": return 5.3;
    case "near": return 5.5;
    case "element": return filter.filters[0]!.kind === "token" ? 6.2 : undefined;
    case "words": return namesWords(filter.query) ? 6.9 : undefined;
    case "date": return 7.1;
    case "quantity": return 7.2;
    case "number": return 7.3;
    case "token-text": return 8;
    case "or": {
      const ranks = filter.filters.map((one) => rank(one, people));
      return ranks.length && ranks.every((one) => one !== undefined) ? Math.max(...ranks) + 0.1 : undefined;
    }
    case "and": {
      const ranks = filter.filters.map((one) => rank(one, people)).filter((one) => one !== undefined);
      return ranks.length ? Math.min(...ranks) + 0.05 : undefined;
    }
    // Not counted: then the rows of the type are walked and their references followed.
    case "chain": case "has": return undefined;
    case "lastUpdated": case "missing": case "not": case "other": case "value-set": case "subsumes": case "hierarchy": return undefined;
    default: return unreachable(filter);
  }
}

/** A way to run a search: where it begins, whether again and again, and about how many rows are looked at. */
type Way = { choice: Choice; starts?: "targets" | "buckets"; cost: number; walked: number };

/** The filter to begin with. */
export function choose(scope: Scope, goal: Goal, filters: readonly Filter[]): Choice {
  if (scope.counts.rows.size) return cheapest([-1, ...filters.keys()].flatMap((choice) => waysFrom(scope, goal, filters, choice))).choice;
  const people = peopleOf(scope, goal.type, filters) !== undefined;
  let best = -1, bestRank = Infinity;
  for (const [i, filter] of filters.entries()) {
    const value = rank(filter, people);
    if (value !== undefined && value < bestRank) { best = i; bestRank = value; }
  }
  return best;
}

function cheapest(ways: readonly Way[]): Way {
  return ways.reduce((best, way) => way.cost < best.cost ? way : best);
}

/** Ways that begin with the filter, by what was counted; −1: with all resources of the type. */
function waysFrom(scope: Scope, goal: Goal, filters: readonly Filter[], choice: Choice): Way[] {
  const { counts } = scope, { type } = goal, filter = filters[choice];
  const others = filters.filter((one) => one !== filter);
  const share = sharesOf(counts, type, others);
  const walk = (there: number, driver: Candidates["driver"]): Way => {
    // What was written together is often about one person: whoever a chain asks for comes, or fails to come, in runs.
    const run = driver === "resource" ? Math.max(0, ...others.map((one) => one.kind === "chain" ? runOf(counts, type, one) / share : 0)) : 0;
    const walked = Math.min(there, Math.max(run, rowsUntil(goal, there, share, comesInOrder(goal, driver))));
    return { choice, cost: walkCost(walked, others), walked };
  };
  if (!filter) return [walk(sizeOf(counts, type), "resource")];
  const rows = counts.rows.get(filter) ?? Infinity;
  const startsAt = (starts: "targets" | "buckets", count: number, there: number): Way => {
    const each = rowsUntil(goal, there, share, comesInOrder(goal, "at"));
    return { choice, starts, cost: count + startsCost(count, each, others), walked: count * each };
  };
  switch (filter.kind) {
    case "chain": return [startsAt("targets", rows, runOf(counts, type, filter))];
    case "has": { const { cost, walked } = walk(reachedBy(counts, filter), "plain"); return [{ choice, cost: cost + startsCost(rows, 1, []), walked }]; }
    default: {
      if (rank(filter, false) === undefined) return [];
      const people = peopleOf(scope, type, filters)?.length;
      if (filter.kind === "reference") return [walk(rows, "at")];
      if (filter.kind !== "token") return [walk(filter.kind === "compartment" ? sizeOf(counts, type) / sizeOf(counts, "Patient") : rows, "plain")];
      const inBucket = rows / sizeOf(counts, "Patient");
      if (people !== undefined) return [walk(inBucket * people, "at")];
      const chain = patientChain(filters);
      return [walk(rows, "at"), ...(chain ? [startsAt("buckets", counts.rows.get(chain) ?? Infinity, inBucket)] : [])];
    }
  }
}

/** How many of a type refer to one resource that a chain leads to. */
function runOf(counts: Counts, type: string, { branches }: Extract<Filter, { kind: "chain" }>): number {
  return sizeOf(counts, type) / branches.reduce((sum, branch) => sum + sizeOf(counts, branch.type), 0);
}

/** The chain that leads to Patients alone. */
function patientChain(filters: readonly Filter[]): Extract<Filter, { kind: "chain" }> | undefined {
  return filters.filter((filter) => filter.kind === "chain").find(({ branches }) => branches.every(({ type }) => type === "Patient"));
}

/** Of resolved filters. */
export function candidates(goal: Goal, filters: readonly Filter[], caller: Caller, { counts, choice, ...way }: { counts?: Counts | undefined; choice?: Choice | undefined; distributed?: boolean | undefined; care?: boolean | undefined } = {}): Candidates {
  return found(newScope(caller, counts, way), goal, filters, "m", choice);
}

/** (ck, rid) of what the filters find, for a set within another statement. */
function setOf(scope: Scope, type: string, filters: readonly Filter[]): Sql {
  const m = scope.alias(), b = scope.alias();
  const { from, where, starts } = found(scope, allOf(type), filters.flatMap((filter) => filter.kind === "and" && filter.filters.length ? filter.filters : [filter]), m);
  if (!starts) return sql`select ${raw(`${m}.ck, ${m}.rid`)} from ${from} where ${where}`;
  if (scope.distributed) return sql`select ${raw(`${m}.ck, ${m}.rid`)} from ${from} where ${raw(`${m}.${starts.column}`)} in (${starts.values}) and ${where}`;
  return sql`select q.* from (${starts.values}) ${raw(b)}(s) cross join lateral (select ${raw(`${m}.ck, ${m}.rid`)} from ${from} where ${raw(`${m}.${starts.column} = ${b}.s`)} and ${where} offset 0) q`;
}

function found(scope: Scope, goal: Goal, filters: readonly Filter[], m: string, choice: Choice = choose(scope, goal, filters)): Candidates {
  const { type } = goal, best = filters[choice];
  const ways = scope.counts.rows.size ? waysFrom(scope, goal, filters, choice) : [];
  const way = ways.length ? cheapest(ways) : undefined;
  const drive = best ? driverOf(scope, type, best, m) : wholeType(scope, type, m);
  const row: Row = { alias: m, resource: drive.driver === "resource", main: drive.driver === "at", ...(way ? { walked: way.walked } : {}) };
  const conditions = [...drive.conditions, ...filters.filter((filter) => filter !== best).map((filter) => check(scope, type, filter, row))];
  conditions.push(row.resource ? rowVisible(scope.caller.filter, m) : candidateVisible(scope.caller.filter, m, type));
  const starts = drive.starts ?? (scope.distributed || best?.kind === "token" ? bucketsOf(scope, type, filters, way?.starts === "buckets") : undefined);
  return { from: drive.from, where: join(conditions, " and "), driver: drive.driver, ...(starts ? { starts } : {}) };
}

type Driver = { from: Sql; conditions: Sql[]; driver: Candidates["driver"]; starts?: Candidates["starts"] };

/** All resources of a type; a patient's are found among what is about them, not among everybody's. */
function wholeType({ caller: { filter } }: Scope, type: string, m: string): Driver {
  const from = filter.kind === "patient" && !sharedTypes.has(type)
    ? sql`(select r.* from ${rowsAbout(sql`= ${ridOf("Patient", filter.patient)}::bigint`, type)} p join resource r on r.ck = p.ck and r.rid = p.rid) ${raw(m)}`
    : raw(`resource ${m}`);
  return { from, conditions: [isOf(type, m)], driver: "resource" };
}

function isOf(type: string, m: string): Sql {
  return sql`${raw(m)}.type = ${type}::text and not ${raw(m)}.deleted`;
}

function driverOf(scope: Scope, type: string, filter: Filter, m: string): Driver {
  const plain = (table: string, condition: Sql): Driver => ({ from: raw(`${table} ${m}`), conditions: [condition], driver: "plain" });
  switch (filter.kind) {
    case "id": {
      const ids = [...new Set(filter.ids)];
      const places = numbers(ids.map((id) => placeOf(type, id) ?? "null"));
      const rids = numbers(ids.map((id) => ridOf(type, id)));
      if (scope.distributed) return {
        from: raw(`resource ${m}`), driver: "resource",
        conditions: [sql`${raw(m)}.rid = any(${rids}::bigint[]) and ${raw(m)}.ck in (select unnest(${places}::bigint[]) union select d.ck from directory d where d.rid = any(${rids}::bigint[]))`, isOf(type, m)],
      };
      return {
        from: sql`(select r.* from unnest(${rids}::bigint[], ${places}::bigint[]) i(rid, ck) left join directory d on i.ck is null and d.rid = i.rid join resource r on r.ck = coalesce(i.ck, d.ck) and r.rid = i.rid) ${raw(m)}`,
        conditions: [isOf(type, m)], driver: "resource",
      };
    }
    case "chain": return {
      from: raw(`reference ${m}`), conditions: [ofChain(m, type, filter), ...filter.canonical ? [versionFits(scope, m, filter)] : []], driver: "at",
      starts: { values: chainTargets(scope, type, filter), column: "target" },
    };
    case "has": return {
      from: sql`(select r.* from (${referredBy(scope, type, filter)}) k join resource r on r.ck = k.ck and r.rid = k.rid) ${raw(m)}`,
      conditions: [isOf(type, m)], driver: "resource",
    };
    case "or": return { from: sql`(${join(filter.filters.map((one) => setOf(scope, type, [one])), " union ")}) ${raw(m)}`, conditions: [], driver: "plain" };
    case "and": return { from: sql`(${setOf(scope, type, filter.filters)}) ${raw(m)}`, conditions: [], driver: "plain" };
    case "compartment": {
      if (!filter.self) return { from: raw(`reference ${m}`), conditions: [compartmentSource(type, filter).condition(m)], driver: "at" };
      return { from: sql`(select r.* from (${ownRow(filter.of)} union select x.ck, x.rid from reference x where ${compartmentSource(type, filter).condition("x")}) k join resource r on r.ck = k.ck and r.rid = k.rid) ${raw(m)}`, conditions: [isOf(type, m)], driver: "resource" };
    }
    case "element": return plain("element", elementTest(scope, type, filter.filters, m));
    case "contained": return { from: sql`(${heldSet(scope, type, filter, (e) => `${e}.ck, ${e}.rid`)}) ${raw(m)}`, conditions: [raw("true")], driver: "plain" };
    case "near": return plain("position", nearTest(m, filter.terms));
    case "words": return plain("words", wordsTest(m, type, filter));
    case "lastUpdated": case "missing": case "not": case "other": case "value-set": case "subsumes": case "hierarchy": throw new Error(`${filter.kind} never drives, see rank`);
    default: return driverOfLeaf(type, filter, m);
  }
}

function driverOfLeaf(type: string, leaf: Leaf, m: string): Driver {
  const { table, condition } = sourceOf(type, leaf);
  return { from: raw(`${table} ${m}`), conditions: [condition(m)], driver: hasMainDate(table) ? "at" : "plain" };
}

/** Buckets in which rows of the people stand that a search is limited to: their own, and those noted as strays. */
function bucketsOf(scope: Scope, type: string, filters: readonly Filter[], chained: boolean): Candidates["starts"] {
  const people = peopleOf(scope, type, filters);
  if (people) return { values: bucketsOfPeople(people), column: "ck" };
  const { filter } = scope.caller;
  if (scope.care && filter.kind === "practitioner" && liesWithPersons(type)) return { values: bucketsInCare(filter.practitioner), column: "ck" };
  const chain = chained ? patientChain(filters) : undefined;
  if (!chain) return undefined;
  // As an array PostgreSQL takes them for few, as they are, and goes on bucket by bucket.
  const held = heldBranches(chain).map((branch) => scope.distributed ? heldSet(scope, type, branch, (e) => `${e}.ck, null::bigint`)
    : sql`select h.ck, null::bigint from unnest(array(${heldSet(scope, type, branch, (e) => `${e}.ck`)})) h(ck)`);
  const set = join([...chain.branches.map(({ type: target, filter }) => setOf(scope, target, [filter])), ...held], " union ");
  return { values: sql`select distinct coalesce(s.ck, p.ck) from (${set}) p cross join lateral (select null::bigint as ck union all select x.ck from stray x where x.person = p.rid) s`, column: "ck" };
}

/** The Patients that a search is limited to: those it names, or the caller who sees no others. */
function peopleOf({ caller: { filter } }: Scope, type: string, filters: readonly Filter[]): readonly string[] | undefined {
  return filters.map(patientsAsked).find((ids) => ids !== undefined) ?? (filter.kind === "patient" && liesWithPersons(type) ? [filter.patient] : undefined);
}

function bucketsOfPeople(people: readonly string[]): Sql {
  const [only] = people;
  if (people.length === 1) { const own = sql`${String(placeOf("Patient", only!)!)}::bigint`; return sql`select ${own} as ck union all select s.ck from stray s where s.person = ${ridOf("Patient", only!)}::bigint and s.ck <> ${own}`; }
  const own = numbers(people.map((id) => placeOf("Patient", id)!));
  return sql`select unnest(${own}::bigint[]) union select s.ck from stray s where s.person = any(${numbers(people.map((id) => ridOf("Patient", id)))}::bigint[])`;
}
