/** Whether a change makes an event of a topic, decided on the two versions alone. */
import type { Resource } from "../resource.ts";
import { Node, type Items } from "../fhirpath/compile.ts";
import { matches } from "../search/matches.ts";
import type { Interaction, QueryCriteria, Topic, Trigger } from "./topic.ts";

/** `previous` is absent on create, `current` on delete. */
export type Changed = { interaction: Interaction; type: string; previous?: Resource; current?: Resource };

export function triggers(topic: Topic, changed: Changed): boolean {
  return topic.triggers.some((trigger) => fires(trigger, changed));
}

/** Whether the version before the change has a part in the decision. */
export function looksBack(topic: Topic, type: string): boolean {
  return topic.triggers.some(({ resource, interactions, query, fhirPath }) => resource === type && (interactions.size < 3 || query?.previous !== undefined || fhirPath !== undefined));
}

function fires({ resource, interactions, query, fhirPath }: Trigger, changed: Changed): boolean {
  if (resource !== changed.type || !interactions.has(changed.interaction)) return false;
  return (query === undefined || meets(query, changed)) && (fhirPath === undefined || holds(fhirPath, changed));
}

function meets({ previous, current, resultForCreate, resultForDelete, requireBoth }: QueryCriteria, changed: Changed): boolean {
  const results: boolean[] = [];
  if (previous) results.push(changed.previous ? matches(changed.previous, previous) : resultForCreate);
  if (current) results.push(changed.current ? matches(changed.current, current) : resultForDelete);
  if (!results.length) return true;
  return requireBoth ? results.every(Boolean) : results.some(Boolean);
}

function holds(fhirPath: NonNullable<Trigger["fhirPath"]>, { previous, current }: Changed): boolean {
  const item = (resource: Resource | undefined): Items => resource ? [new Node(resource, resource.resourceType)] : [];
  return fhirPath.holds((current ?? previous)!, { variables: { previous: item(previous), current: item(current) } });
}
