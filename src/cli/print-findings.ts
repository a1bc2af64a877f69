/** Findings as text for a terminal: the sentence, what moved it, what limits it. */
import type { Finding } from "#findings/finding.ts";

export function findingText(finding: Finding): string {
  const lines = [`[${finding.outcome === "computed" ? finding.urgency : "not computed"}] ${finding.statement.en}`, `    ${finding.method.title.en} ${finding.method.version}${finding.effective ? `, of ${finding.effective.slice(0, 10)}` : ""}`];
  for (const one of finding.contributions)
    lines.push(`    ${one.label.en}: ${one.observed}${one.rule ? ` (${one.rule})` : ""}${one.effect === undefined ? "" : `  ${one.effect > 0 ? "+" : ""}${one.effect} ${one.effectUnit ?? ""}`}`);
  for (const limit of finding.limits) lines.push(`    ! ${limit.label.en}: ${limit.text.en}`);
  return `${lines.join("\n")}\n`;
}
