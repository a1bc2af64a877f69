/** Looks at a record as a person reads them: the same person doing the same thing within an hour is one line with a count. */
import type { AccessEvent } from "#server/api/contract.ts";

export type AccessGroup = AccessEvent & { count: number };
const hour = 3_600_000;

/** Events newest first, as the server sends them. The group carries the newest moment. */
export function groupAccess(events: readonly AccessEvent[]): AccessGroup[] {
  const groups: AccessGroup[] = [];
  for (const event of events) {
    const last = groups.find((group) => group.kind === event.kind && group.agent.en === event.agent.en && Math.abs(Date.parse(group.at) - Date.parse(event.at)) < hour);
    if (last) last.count += 1;
    else groups.push({ ...event, count: 1 });
  }
  return groups;
}
