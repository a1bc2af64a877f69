/**
 * Versions of terminology resources: which of those that are here a request names, and which is the newest.
 * A wanted version may hold wildcards (`1.x`, `1.0.*`); a wildcard at the end stands for all that follows.
 * https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/requirements.html
 */

export function versionMatches(wanted: string, actual: string): boolean {
  if (wanted === actual) return true;
  if (!hasWildcard(wanted)) return false;
  const pattern = wanted.split(".");
  const parts = actual.split(".");
  for (const [i, part] of pattern.entries()) {
    if (i >= parts.length) return isWildcard(part) && i === pattern.length - 1;
    if (!isWildcard(part) && part !== parts[i]) return false;
  }
  return pattern.length === parts.length || isWildcard(pattern.at(-1)!);
}

export function hasWildcard(version: string): boolean {
  return version.split(".").some(isWildcard);
}

function isWildcard(part: string): boolean {
  return part === "x" || part === "X" || part === "*";
}

const date = /^\d{4}-\d{2}(-\d{2})?$/, dotted = /^\d+(\.\d+)+/;

/**
 * Order of age: numbers as numbers, a pre-release before its release, the rest as text. A date is older than a dotted
 * number: HL7 numbered its code systems after it had dated them (v3-ActReason 2018-08-12, then 2.0.0 and on).
 */
export function compareVersions(a: string, b: string): number {
  if (date.test(a) && dotted.test(b)) return -1;
  if (dotted.test(a) && date.test(b)) return 1;
  const [mainA, labelA] = cut(a);
  const [mainB, labelB] = cut(b);
  const partsA = mainA.split(/[.\-/]/);
  const partsB = mainB.split(/[.\-/]/);
  for (let i = 0; i < Math.max(partsA.length, partsB.length); i++) {
    const order = comparePart(partsA[i] ?? "", partsB[i] ?? "");
    if (order !== 0) return order;
  }
  if (labelA === labelB) return 0;
  if (labelA === undefined) return 1;
  if (labelB === undefined) return -1;
  return labelA < labelB ? -1 : 1;
}

/** "1.0.0-ballot" is main and label; "2023-04-01" is a date, all main. */
function cut(version: string): [main: string, label: string | undefined] {
  const match = /^(\d+(?:\.\d+)*)-([A-Za-z].*)$/.exec(version);
  return match ? [match[1]!, match[2]] : [version, undefined];
}

function comparePart(a: string, b: string): number {
  const numbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (numbers) return Number(a) - Number(b);
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The newest of those a version names; of all where none is named. Undefined versions count as oldest. */
export function pickVersion<T>(items: readonly T[], versionOf: (item: T) => string | undefined, wanted: string | undefined): T | undefined {
  let best: T | undefined;
  for (const item of items) {
    const version = versionOf(item);
    if (wanted !== undefined && (version === undefined || !versionMatches(wanted, version))) continue;
    if (best === undefined || compareVersions(version ?? "", versionOf(best) ?? "") > 0) best = item;
  }
  return best;
}
