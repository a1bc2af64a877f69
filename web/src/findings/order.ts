/** The order in which findings are read, and which of several of one kind speaks for now. */
import type { Urgency } from "#findings/finding.ts";
import type { FindingView } from "#server/api/contract.ts";

const rank: Record<Urgency, number> = { emergency: 0, urgent: 1, soon: 2, routine: 3 };

export function byUrgency(views: readonly FindingView[]): FindingView[] {
  return [...views].sort((a, b) => Number(a.finding.outcome === "abstained") - Number(b.finding.outcome === "abstained") || rank[a.finding.urgency] - rank[b.finding.urgency] || (b.finding.effective ?? "").localeCompare(a.finding.effective ?? ""));
}

/** One finding of each kind, the newest by the time it speaks of; the order given is kept. Abstentions of a method yield to its result. */
export function newestOfEach(views: readonly FindingView[]): FindingView[] {
  const kept = new Map<string, FindingView>();
  for (const view of views) {
    const kind = `${view.finding.method.id} ${view.finding.code.system ?? ""}|${view.finding.code.code ?? view.finding.code.label.en}`, before = kept.get(kind);
    const newer = before === undefined || (before.finding.outcome === "abstained" && view.finding.outcome === "computed") || (before.finding.outcome === view.finding.outcome && (view.finding.effective ?? "") > (before.finding.effective ?? ""));
    if (newer) kept.set(kind, view);
  }
  const chosen = new Set(kept.values());
  return views.filter((view) => chosen.has(view));
}
