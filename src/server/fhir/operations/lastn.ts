/**
 * Observation/$lastn: of each code the latest `max` observations among those that a search finds, newest first; those
 * of the same time as the last one come too. Observations are of one group when a coding of theirs is the same, also by
 * way of a third one; without codings, when their text is. What has no time is the oldest.
 * Source: https://hl7.org/fhir/R4/observation-operation-lastn.html
 */
import type { CodeableConcept, Resource } from "#fhir/resource.ts";
import { instantRange } from "#fhir/search/date.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Stored } from "#record/record.ts";
import { searchBundle } from "../responses.ts";
import { hl7, type Operation } from "./operation.ts";

const pageSize = 1000;
const observationsMax = 100_000;

/** Search parameters that decide the answer's form; it is $lastn's own. */
const formal = new Set(["_sort", "_count", "_total", "_summary", "_elements", "_include", "_revinclude", "_cursor"]);
const codeParams = new Set(["category", "code", "combo-code", "code-value-concept", "code-value-date", "code-value-quantity", "code-value-string", "component-code"]);

export const lastn: Operation = {
  definition: {
    url: hl7("Observation-lastn"), code: "lastn", resource: ["Observation"], levels: ["type"], affectsState: false, searches: true,
    input: [{ name: "max", type: "positiveInt" }],
  },
  async run({ deps: { record }, caller, given, query, base, here }) {
    const names = [...new URLSearchParams(query).keys()].map((name) => name.split(/[:.]/)[0]!);
    const strange = names.find((name) => formal.has(name));
    if (strange !== undefined) return fail("not-supported", `$lastn groups and sorts by itself: leave ${strange} out`);
    if (!names.some((name) => name === "patient" || name === "subject")) return fail("required", "$lastn needs patient or subject");
    if (!names.some((name) => codeParams.has(name))) return fail("required", `$lastn needs category or a parameter with a code: ${[...codeParams].join(", ")}`);
    const max = given.count("max") ?? 1;
    const groups = new Groups(max);
    let count = 0;
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const page: Result<{ entries: { mode: string; stored: Stored }[]; next?: string }> = await record.search(caller, "Observation", `${query}&_sort=-date&_count=${pageSize}${cursor === "" ? "" : `&_cursor=${encodeURIComponent(cursor)}`}`);
      if (!page.ok) return page;
      for (const { mode, stored } of page.value.entries) if (mode === "match") groups.add(stored);
      count += page.value.entries.length;
      if (count > observationsMax) return fail("too-costly", `more than ${observationsMax} observations; narrow the search, as with date=ge2020`);
      cursor = page.value.next;
    }
    const entries = groups.all().map((stored) => ({ mode: "match" as const, stored }));
    return ok({ status: 200, text: searchBundle(base, { self: `${here}?${query}&max=${max}`, next: undefined }, { entries, total: entries.length }) });
  },
};

type Timed = { time: number; stored: Stored };

export class Groups {
  readonly #max: number;
  /** Codings to their group; groups that turn out to be one share their list. */
  readonly #of = new Map<string, Timed[]>();
  readonly #lists = new Set<Timed[]>();

  constructor(max: number) {
    this.#max = max;
  }

  add(stored: Stored): void {
    const resource = JSON.parse(stored.text) as Resource;
    const keys = keysOf(resource.code as CodeableConcept | undefined);
    const met = new Set(keys.map((key) => this.#of.get(key)).filter((list) => list !== undefined));
    const [first = [], ...others] = met;
    for (const other of others) {
      first.push(...other);
      this.#lists.delete(other);
      for (const [key, list] of this.#of) if (list === other) this.#of.set(key, first);
    }
    this.#lists.add(first);
    for (const key of keys) this.#of.set(key, first);
    first.push({ time: timeOf(resource), stored });
    first.sort((a, b) => b.time - a.time);
    const last = first[this.#max - 1];
    while (last && first.at(-1)!.time < last.time) first.pop();
  }

  /** Group by group, that with the newest observation first. */
  all(): Stored[] {
    return [...this.#lists].sort((a, b) => b[0]!.time - a[0]!.time).flatMap((list) => list.map(({ stored }) => stored));
  }
}

function keysOf(code: CodeableConcept | undefined): string[] {
  const codings = (code?.coding ?? []).filter((coding) => coding.code !== undefined).map(({ system, code: own }) => JSON.stringify([system ?? "", own]));
  return codings.length ? codings : [`text ${code?.text?.trim().toLowerCase() ?? ""}`];
}

function timeOf({ effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming }: Resource): number {
  const period = effectivePeriod as { start?: unknown; end?: unknown } | undefined;
  const events = (effectiveTiming as { event?: unknown[] } | undefined)?.event ?? [];
  const times = [effectiveDateTime, effectiveInstant, period?.start ?? period?.end, ...events].flatMap((value) => instantRange(value)?.low ?? []);
  return times.length ? Math.max(...times) : -Infinity;
}
