/**
 * Which of several findings of one kind (an ECG of each month) speaks for now. The newest computed one does. An
 * earlier, more urgent one is never said as if it were current; nor is it lost, because what comes and goes (an attack
 * of atrial fibrillation) matters still: it is said with its day beside what was found since, and asks for attention
 * `soon` at most.
 */
import { urgencies, type Bilingual, type Finding, type Urgency } from "./finding.ts";
import { span } from "./time.ts";

/** Same method, same thing found. */
export function kindOf({ method, code }: Finding): string {
  return `${method.id} ${code.system ?? ""}|${code.code ?? code.label.en}`;
}

/** `since`: the newest of the kind, where the one said is an earlier one. */
export type Standing<T> = { one: T; since?: T; urgency: Urgency; statement: Bilingual };

const rank = (urgency: Urgency): number => urgencies.indexOf(urgency);
const timeOf = (finding: Finding): number => span(finding.effective ?? "")?.last ?? -Infinity;
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0); // both may be without time
const dayOf = (finding: Finding): string | undefined => finding.effective?.slice(0, 10);

/** For each kind what stands now, and the most urgent earlier one (the newest of those) where it asked for more. An abstention that asks for nothing says nothing. */
export function standing<T>(all: readonly T[], read: (one: T) => Finding): Standing<T>[] {
  const kinds = Map.groupBy(all.filter((one) => read(one).outcome === "computed" || read(one).urgency !== "routine"), (one) => kindOf(read(one)));
  return [...kinds.values()].flatMap((group): Standing<T>[] => {
    const [now, ...earlier] = group.toSorted((a, b) => compare(timeOf(read(b)), timeOf(read(a))) || rank(read(b).urgency) - rank(read(a).urgency));
    if (!now) return [];
    const current = read(now), said: Standing<T>[] = [{ one: now, urgency: current.urgency, statement: current.statement }];
    const worst = earlier.filter((one) => rank(read(one).urgency) > rank(current.urgency) && timeOf(read(one)) < timeOf(current))
      .reduce<T | undefined>((kept, one) => (kept === undefined || rank(read(one).urgency) > rank(read(kept).urgency) ? one : kept), undefined);
    // At the cap already: what stands now asks for as much by itself.
    if (worst !== undefined && rank(current.urgency) < rank("soon")) said.push({ one: worst, since: now, urgency: "soon", statement: sentence(read(worst), current) });
    return said;
  });
}

function sentence(then: Finding, now: Finding): Bilingual {
  return {
    en: `Earlier, ${dayOf(then) ?? "undated"}: ${then.statement.en} Since, ${dayOf(now) ?? "undated"}: ${now.statement.en}`,
    zh: `此前（${dayOf(then) ?? "日期不详"}）：${then.statement.zh}此后（${dayOf(now) ?? "日期不详"}）：${now.statement.zh}`,
  };
}
