/**
 * Compares an answer with the pack's pattern: order of arrays does not matter, `$optional$` items and
 * `$optional-properties$` may be absent, and texts may be patterns (`$uuid$`, `$choice:a|b$`, `$fragments:a|b$`,
 * `$external:N:text$`). Rules: the pack's SOURCE.md.
 */
export type Texts = Record<string, string>;

type Node = Record<string, unknown>;

/** The least that must be found: what is more does not count. For statements of what a server can do. */
export function lacks(expected: unknown, found: unknown): string | undefined {
  if (Array.isArray(expected)) {
    const missing = expected.find((item) => !Array.isArray(found) || !found.some((one) => lacks(item, one) === undefined));
    return missing === undefined ? undefined : `nothing fits ${JSON.stringify(missing)}`;
  }
  if (typeof expected !== "object" || expected === null) return difference(expected, found, undefined);
  for (const [name, value] of Object.entries(expected)) {
    const differs = name.startsWith("$") ? undefined : lacks(value, (found as Node | undefined)?.[name]);
    if (differs !== undefined) return `${name}: ${differs}`;
  }
  return undefined;
}

/** Undefined when they fit; else where and how they differ. */
export function difference(expected: unknown, found: unknown, texts: Texts | undefined, path = ""): string | undefined {
  if (typeof expected === "string") return textFits(expected, found, texts) ? undefined : `${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`;
  if (typeof expected !== "object" || expected === null) return expected === found ? undefined : `${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`;
  if (Array.isArray(expected)) return Array.isArray(found) ? listDifference(expected, found, texts, path) : `${path}: expected a list`;
  if (typeof found !== "object" || found === null || Array.isArray(found)) return `${path}: expected an object, found ${JSON.stringify(found)}`;
  const optional = new Set((expected as Node)["$optional-properties$"] as string[] | undefined);
  for (const [name, value] of Object.entries(expected)) {
    if (name.startsWith("$")) continue;
    const own = (found as Node)[name];
    if (own === undefined) {
      if (optional.has(name) || allOptional(value) || value === "$id$") continue;
      return `${path}.${name}: expected ${JSON.stringify(value)?.slice(0, 300)}, is absent`;
    }
    const differs = difference(value, own, texts, `${path}.${name}`);
    if (differs !== undefined) return differs;
  }
  // An issue's location is its expression once more, which R5 gave up.
  const repeats = (name: string): boolean => name === "location" && JSON.stringify((found as Node).location) === JSON.stringify((expected as Node).expression);
  for (const name of Object.keys(found)) if (!(name in expected) && !repeats(name) && !optional.has(name) && (found as Node)[name] !== undefined) return `${path}.${name}: not expected, found ${JSON.stringify((found as Node)[name])?.slice(0, 300)}`;
  return undefined;
}

/** Each expected item has one of its own; those left over are not expected. */
function listDifference(expected: readonly unknown[], found: readonly unknown[], texts: Texts | undefined, path: string): string | undefined {
  const left = [...found];
  let missing: string | undefined;
  // The particular ones choose first.
  for (const item of [...expected].sort((a, b) => Number(isOptional(a)) - Number(isOptional(b)))) {
    const at = left.findIndex((one) => difference(item, one, texts, path) === undefined);
    if (at >= 0) left.splice(at, 1);
    else if (!isOptional(item)) missing ??= `${path}[]: nothing fits ${JSON.stringify(item)?.slice(0, 600)}${left.length === 1 || sameKind(item, left) ? ` (${difference(item, sameKind(item, left) ?? left[0], texts, path)})` : ""}`;
  }
  if (missing !== undefined) return missing;
  return left.length === 0 ? undefined : `${path}[]: not expected ${JSON.stringify(left[0])?.slice(0, 600)}`;
}

function sameKind(item: unknown, left: readonly unknown[]): unknown {
  const key = (one: unknown): unknown => (one as Node | null)?.name ?? (one as Node | null)?.code;
  return key(item) === undefined ? undefined : left.find((one) => key(one) === key(item));
}

/** `!tx.fhir.org`: absent elsewhere than there. */
function isOptional(item: unknown): boolean {
  return typeof item === "object" && item !== null && "$optional$" in item;
}

function allOptional(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isOptional) : isOptional(value);
}

function textFits(expected: string, found: unknown, texts: Texts | undefined): boolean {
  const pattern = /^\$(\w*)(?::(.*))?\$$/s.exec(expected);
  if (!pattern) return found === expected;
  if (typeof found !== "string") return false;
  const [, name, rest = ""] = pattern;
  switch (name) {
    case "": return true;
    case "id": return /^[A-Za-z0-9\-.]{1,64}$/.test(found);
    case "uuid": return /^(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(found);
    case "instant": return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(found);
    case "version":
    case "token":
    case "string": return found !== "";
    case "date": return /^\d{4}(?:-\d\d(?:-\d\d(?:T.+)?)?)?$/.test(found);
    case "choice": return rest.split("|").includes(found);
    case "fragments": return rest.split("|").every((part) => found.includes(part));
    case "external": return found.includes(/^\d+(?::(.*))?$/s.exec(rest)?.[1] ?? "") || found === texts?.[/^\d+/.exec(rest)?.[0] ?? ""];
    default: return found === expected;
  }
}
