/** A subscription made ready to be held against changes. */
import { fail, ok, type Result } from "#platform/result.ts";
import { matches } from "../search/matches.ts";
import type { SearchQuery } from "../search/query-model.ts";
import type { SubscriptionRequest } from "./subscription.ts";
import { criteria, type Topic } from "./topic.ts";
import { looksBack, triggers, type Changed } from "./trigger.ts";

export type Matcher = {
  /** Types a change of which may be an event. */
  types: ReadonlySet<string>;
  /** Canonical url of the topic; undefined for a classic subscription. */
  topic?: string;
  /** Whether the decision hangs on the version before, too. */
  looksBack(type: string): boolean;
  matches(changed: Changed): boolean;
};

/** The topic of a canonical, of the version it names. */
export function findTopic(topics: readonly Topic[], canonical: string): Topic | undefined {
  const bar = canonical.indexOf("|");
  const [url, version] = bar < 0 ? [canonical, undefined] : [canonical.slice(0, bar), canonical.slice(bar + 1)];
  return topics.find((topic) => topic.url === url && (version === undefined || topic.version === version));
}

export function compileMatcher({ of }: Pick<SubscriptionRequest, "of">, topics: readonly Topic[]): Result<Matcher> {
  if (of.kind === "criteria") {
    const query = criteria(of.type, of.query);
    if (!query.ok) return fail(query.failure.code, `criteria: ${query.failure.text}`);
    return ok({
      types: new Set([of.type]), looksBack: () => false,
      // R4: resources that are created or updated and then meet the criteria.
      matches: ({ current }) => current !== undefined && matches(current, query.value),
    });
  }
  const topic = findTopic(topics, of.canonical);
  if (!topic) return fail("not-supported", `There is no topic ${of.canonical.slice(0, 200)} here; GET metadata lists the topics under Subscription`);
  const filters = compileFilters(of.filters, topic);
  if (!filters.ok) return filters;
  const passes = ({ type, current, previous }: Changed): boolean => (filters.value.get(type) ?? []).every((query) => matches((current ?? previous)!, query));
  return ok({
    types: new Set(topic.triggers.map(({ resource }) => resource)), topic: of.canonical,
    looksBack: (type) => looksBack(topic, type),
    matches: (changed) => triggers(topic, changed) && passes(changed),
  });
}

/**
 * By type. Forms: "patient=Patient/1", "Encounter.patient=Patient/1", "Encounter?patient=Patient/1&class=AMB".
 * What the topic does not list is taken where it is a search parameter of every type the topic watches.
 */
function compileFilters(filters: readonly string[], topic: Topic): Result<ReadonlyMap<string, readonly SearchQuery[]>> {
  const byType = new Map<string, SearchQuery[]>();
  const watched = new Set(topic.triggers.map(({ resource }) => resource));
  for (const filter of filters) {
    const [, named, text = filter] = /^([A-Z][A-Za-z]+)[.?](.*)$/s.exec(filter) ?? [];
    if (named !== undefined && !watched.has(named)) return fail("not-supported", `Filter "${filter.slice(0, 120)}": topic ${topic.url} has no events of ${named}`);
    for (const type of named === undefined ? watched : [named]) {
      const query = criteria(type, text);
      if (!query.ok) return fail(query.failure.code, `Filter "${filter.slice(0, 120)}": ${query.failure.text}${named === undefined && watched.size > 1 ? `; write ${type}.${text.slice(0, 60)} where it is meant for one type` : ""}`);
      if (query.value.filters.length === 0) return fail("value", `Filter "${filter.slice(0, 120)}" names no parameter`);
      byType.set(type, [...byType.get(type) ?? [], query.value]);
    }
  }
  return ok(byType);
}
