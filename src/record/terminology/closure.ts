/** Ancestors of every concept, from its parents. */
import { fail, ok, type Result } from "#platform/result.ts";

/** Reflexive: every concept stands among its own descendants. Pairs sorted by ancestor, then descendant. */
export type Closure = { size: number; pairs(): Iterable<readonly [ancestor: number, descendants: Int32Array]> };

/** More than any release has, and what one process can hold (4 bytes a pair). */
const pairsMax = 100_000_000;

/** `codeOf` names concepts in the failure of a hierarchy that leads back to itself. */
export function closureOf(count: number, children: readonly (readonly number[] | undefined)[], codeOf: (concept: number) => string): Result<Closure> {
  // Parents before children; what is left over stands in or below a circle.
  const parents: number[][] = Array.from({ length: count }, () => []);
  children.forEach((list, parent) => list?.forEach((child) => parents[child]!.push(parent)));
  const open = new Int32Array(count);
  const order: number[] = [];
  for (let concept = 0; concept < count; concept++) {
    open[concept] = parents[concept]!.length;
    if (open[concept] === 0) order.push(concept);
  }
  for (let at = 0; at < order.length; at++) for (const child of children[order[at]!] ?? []) if (--open[child]! === 0) order.push(child);
  if (order.length < count) return fail("invalid", `The hierarchy leads back to itself: ${circle(parents, open).map(codeOf).join(" is a ")}; nothing was loaded`);

  const ancestors: Int32Array[] = new Array<Int32Array>(count);
  const seen = new Int32Array(count).fill(-1);
  const starts = new Int32Array(count + 1);
  let size = 0;
  for (const concept of order) {
    const found = [concept];
    seen[concept] = concept;
    for (const parent of parents[concept]!) for (const above of ancestors[parent]!) if (seen[above] !== concept) {
      seen[above] = concept;
      found.push(above);
    }
    ancestors[concept] = Int32Array.from(found);
    for (const above of found) starts[above + 1]! += 1;
    size += found.length;
    if (size > pairsMax) return fail("too-costly", `The hierarchy has more than ${pairsMax.toLocaleString("en")} pairs of ancestor and descendant; nothing was loaded`);
  }
  for (let concept = 0; concept < count; concept++) starts[concept + 1]! += starts[concept]!;
  const descendants = new Int32Array(size), next = starts.slice();
  for (let concept = 0; concept < count; concept++) for (const above of ancestors[concept]!) descendants[next[above]!++] = concept;
  return ok({
    size,
    *pairs() {
      for (let ancestor = 0; ancestor < count; ancestor++) yield [ancestor, descendants.subarray(starts[ancestor]!, starts[ancestor + 1]!)] as const;
    },
  });
}

/** One way round, at most a dozen steps of it. */
function circle(parents: readonly (readonly number[])[], open: Int32Array): number[] {
  let at = open.findIndex((left) => left > 0);
  const path: number[] = [], placeOf = new Map<number, number>();
  while (!placeOf.has(at)) {
    placeOf.set(at, path.push(at) - 1);
    at = parents[at]!.find((parent) => open[parent]! > 0)!;
  }
  const round = [...path.slice(placeOf.get(at)!), at];
  return round.length > 12 ? [...round.slice(0, 11), at] : round;
}
