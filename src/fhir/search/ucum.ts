/** UCUM quantities in base units, for comparing unlike units of one kind. */

/** [low, high] of a unit in base units; undefined when the unit is unknown. */
export function canonicalRange(_low: number, _high: number, _code: string): { low: number; high: number; unit: string } | undefined {
  return undefined;
}
