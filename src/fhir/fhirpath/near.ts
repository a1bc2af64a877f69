/** Names like a mistyped one, for messages: at most three, within a third of its length in edits. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const editsMax = Math.max(1, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase(), editsMax) }))
    .filter(({ edits }) => edits <= editsMax)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Edits, a swap of neighbours counting one; anything above `max` answers `max + 1`. */
function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max || a.length > 64) return max + 1;
  let beforeLast: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const edit = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(edit, beforeLast[j - 2]! + 1) : edit);
    }
    beforeLast = previous;
    previous = row;
  }
  return previous[b.length]!;
}
