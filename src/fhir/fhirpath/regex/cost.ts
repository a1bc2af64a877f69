/** What a backtracking engine may spend on a pattern: whether it is bounded, and by which power of the text's length. */
import type { Regex } from "./parse.ts";

/** Steps at worst are `ways` × length^`degree`; undefined: exponential, or not told by this analysis. */
export type Cost = { degree: number; ways: number };

const one: Cost = { degree: 0, ways: 1 };

/** Choices within a repeated part may multiply with every turn, so only parts without any choice may repeat. */
export function costOf(tree: Regex): Cost | undefined {
  switch (tree.kind) {
    case "empty": case "char": case "assert": return one;
    case "foreign": return tree.body ? costOf(tree.body) : { degree: 1, ways: 1 };
    case "group": return costOf(tree.body);
    case "sequence": {
      let total = one;
      for (const part of tree.parts) {
        const cost = costOf(part);
        if (!cost) return undefined;
        total = { degree: total.degree + cost.degree, ways: total.ways * cost.ways };
      }
      return total;
    }
    case "either": {
      let degree = 0, ways = 0;
      for (const branch of tree.branches) {
        const cost = costOf(branch);
        if (!cost) return undefined;
        degree = Math.max(degree, cost.degree);
        ways += cost.ways;
      }
      return { degree, ways };
    }
    case "repeat": {
      const body = costOf(tree.body);
      if (!body) return undefined;
      if (tree.max <= 1) return { degree: body.degree, ways: body.ways + 1 };
      if (body.degree > 0 || body.ways > 1 || canBeEmpty(tree.body)) return undefined;
      return tree.max === Infinity ? { degree: 1, ways: 1 } : { degree: 0, ways: tree.max - tree.min + 1 };
    }
  }
}

/** Whether a part can match the empty text. */
export function canBeEmpty(tree: Regex): boolean {
  switch (tree.kind) {
    case "char": return false;
    case "group": return canBeEmpty(tree.body);
    case "sequence": return tree.parts.every(canBeEmpty);
    case "either": return tree.branches.some(canBeEmpty);
    case "repeat": return tree.min === 0 || canBeEmpty(tree.body);
    default: return true;
  }
}
