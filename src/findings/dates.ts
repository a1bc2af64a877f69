/** How old what a finding rests on is: the clinical dates its inputs carry. */
import type { Finding } from "./finding.ts";
import { span } from "./time.ts";

/** The oldest and the newest, as the record writes them; undefined where no input has a date (age and sex have none). */
export function inputDates({ evidence }: Pick<Finding, "evidence">): { first: string; last: string } | undefined {
  const dates = evidence.flatMap((item) => {
    const time = item.kind === "resource" && item.at !== undefined ? span(item.at)?.first : undefined;
    return time === undefined ? [] : [{ at: (item as { at: string }).at, time }];
  }).sort((a, b) => a.time - b.time);
  return dates[0] && { first: dates[0].at, last: dates.at(-1)!.at };
}
