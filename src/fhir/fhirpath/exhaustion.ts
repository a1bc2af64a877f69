/**
 * What a RangeError thrown by the language itself means for a person: the stack or the longest possible text or list
 * ran out. Data that came through a door nest at most 64 levels (json/document.ts); other callers may hand over more.
 */

/** Levels beyond which walking or comparing data may take the whole stack. */
const levelsMax = 500;

export function exhaustion(fault: RangeError, data: unknown): string {
  if (!/call stack/i.test(fault.message)) return `the outcome grows larger than a text or list can be (${fault.message})`;
  const levels = levelsOf(data);
  return levels > levelsMax ? `the data nest ${levels} levels deep; at most ${levelsMax} can be walked`
    : "the stack is full: the expression nests too deep for where it is evaluated";
}

/** Objects and lists in each other at the deepest place; without recursion. */
function levelsOf(data: unknown): number {
  let levels = 0;
  let open: object[] = typeof data === "object" && data !== null ? [data] : [];
  for (; open.length > 0; levels++) open = open.flatMap((one) => Object.values(one).filter((inner): inner is object => typeof inner === "object" && inner !== null));
  return levels;
}
