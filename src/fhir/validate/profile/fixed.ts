/**
 * fixed[x] and pattern[x]. A fixed value must be equal in every member; a pattern must be found in the value, in lists
 * in any item. Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_
 */
import { isObject } from "./run.ts";

/** The first place where the value is not as fixed: path below the value, what was expected and what is there. */
export type Difference = { path: string; expected: unknown; found: unknown };

export function fixedDifference(fixed: unknown, value: unknown, path = ""): Difference | undefined {
  if (isObject(fixed) && isObject(value)) {
    for (const name of Object.keys(fixed)) {
      const inner = fixedDifference(fixed[name], value[name], `${path}.${name}`);
      if (inner) return inner;
    }
    const extra = Object.keys(value).find((name) => name !== "id" && !Object.hasOwn(fixed, name));
    return extra === undefined ? undefined : { path: `${path}.${extra}`, expected: undefined, found: value[extra] };
  }
  if (Array.isArray(fixed) && Array.isArray(value)) {
    if (fixed.length !== value.length) return { path, expected: fixed, found: value };
    for (const [i, one] of fixed.entries()) { const inner = fixedDifference(one, value[i], `${path}[${i}]`); if (inner) return inner; }
    return undefined;
  }
  return fixed === value ? undefined : { path, expected: fixed, found: value };
}

export function patternDifference(pattern: unknown, value: unknown, path = ""): Difference | undefined {
  if (isObject(pattern)) {
    if (!isObject(value)) return { path, expected: pattern, found: value };
    for (const name of Object.keys(pattern)) {
      const inner = patternDifference(pattern[name], value[name], `${path}.${name}`);
      if (inner) return inner;
    }
    return undefined;
  }
  if (Array.isArray(pattern)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [];
    for (const one of pattern) {
      if (values.some((item) => patternDifference(one, item) === undefined)) continue;
      // One candidate shows where it fails; among several none is the right one to blame.
      return values.length === 1 ? patternDifference(one, values[0], `${path}[0]`) : { path, expected: one, found: value };
    }
    return undefined;
  }
  return pattern === value ? undefined : { path, expected: pattern, found: value };
}
