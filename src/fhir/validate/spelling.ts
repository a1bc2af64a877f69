/** Says how to mend an unknown member name. */
import type { TypeDefinition } from "../definitions/load.ts";

export function unknownMember(definition: TypeDefinition, name: string): string {
  const choice = definition.byName.get(name);
  if (choice?.choice) return `"${name}" is a choice; write its type too: ${choice.members.slice(0, 12).map(m => m.name).join(", ")}`;
  const stated = `"${name}" is no member of ${definition.name}`;
  if (name.length > 64) return `"${name.slice(0, 60)}…" is no member of ${definition.name}`;
  if (name === "resourceType") return `${stated}; only resources name their type`;
  let best: string | undefined, bestDistance = 3;
  for (const candidate of definition.members.keys()) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) { best = candidate; bestDistance = distance; }
  }
  return best === undefined ? stated : `${stated}; did you mean "${best}"?`;
}

/** Levenshtein distance, or `limit` when it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return Math.min(row[b.length]!, limit);
}
