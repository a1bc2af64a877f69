/**
 * Search type `reference`. Source: https://hl7.org/fhir/R4/search.html#reference
 * `id`, `Type/id`, an absolute url, `:Type` with an id, `:identifier` with system|value; canonicals by url or url|version.
 * An absolute url is never taken for a resource of this node: `https://other.example/Patient/1` is not `Patient/1`.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isId, parseReference as parseKey, type Resource } from "../resource.ts";
import { isResourceType } from "../definitions/load.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import type { ReferenceTerm } from "./query-model.ts";
import type { TypedRows, ReferenceRow } from "./rows.ts";
import { splitUnescaped, unescape } from "./value.ts";

type Target = Omit<ReferenceRow, "param">;

export function extractReferences(item: Item, params: readonly string[], rows: TypedRows): void {
  if (!(item instanceof Node) || item.value === undefined) return;
  const found = target(item);
  if (!found) return;
  for (let i = 0; i < params.length; i++) rows.references.push({ param: params[i]!, ...found });
}

function target({ value, type }: Node): Readonly<Target> | undefined {
  if (typeof value === "string") return type === "canonical" ? canonicalTarget(value) : textTarget(value);
  const element = value as Record<string, unknown>;
  if (type !== "Reference") {
    // A resource carried inside (Bundle.entry[0].resource).
    return typeof element.id === "string" && isResourceType(type) ? { targetType: type, targetId: element.id } : undefined;
  }
  const { reference, identifier, type: stated } = element as { reference?: unknown; identifier?: Record<string, unknown>; type?: unknown };
  const read = typeof reference === "string" ? knownTarget(reference) : undefined;
  if (identifier === undefined && stated === undefined) return read;
  const found: Target = { ...read };
  if (found.targetType === undefined && typeof stated === "string" && (found.url !== undefined || identifier)) found.targetType = stated;
  if (typeof identifier?.system === "string") found.identifierSystem = identifier.system;
  if (typeof identifier?.value === "string") found.identifierValue = identifier.value;
  return found.targetId !== undefined || found.url !== undefined || found.contained !== undefined || found.identifierValue !== undefined || found.identifierSystem !== undefined ? found : undefined;
}

/** The same persons and encounters are referred to again and again. */
const known = new Map<string, Target>();
const knownMax = 20_000;
const knownLength = 200;

function knownTarget(text: string): Readonly<Target> | undefined {
  let found = known.get(text);
  if (found !== undefined || text.length > knownLength) return found ?? textTarget(text);
  found = textTarget(text);
  if (known.size >= knownMax) known.clear();
  if (found) known.set(text, found);
  return found;
}

/** Empty texts give nothing, nor does "#" alone: the container, as a contained resource calls it. */
function textTarget(text: string): Target | undefined {
  if (text.startsWith("#")) return isId(text.slice(1)) ? { contained: text.slice(1) } : undefined;
  if (text === "") return undefined;
  const slash = text.indexOf("/");
  if (slash > 0) {
    const type = text.slice(0, slash);
    const id = text.slice(slash + 1);
    if (isResourceType(type)) {
      if (isId(id)) return { targetType: type, targetId: id };
      const versioned = parseKey(text);
      if (versioned?.version !== undefined) return { targetType: type, targetId: versioned.id, version: versioned.version };
      return undefined;
    }
  }
  if (!text.includes(":")) return undefined;
  const type = parseKey(text)?.type;
  return type !== undefined && isResourceType(type) ? { url: text, targetType: type } : { url: text };
}

function canonicalTarget(text: string): Target | undefined {
  if (text.startsWith("#")) return textTarget(text);
  const { url, version } = splitVersion(text);
  if (url === "") return undefined;
  return version === undefined ? textTarget(url) ?? { url } : { ...(textTarget(url) ?? { url }), version };
}

function splitVersion(text: string): { url: string; version?: string } {
  const bar = text.lastIndexOf("|");
  return bar < 0 ? { url: text } : { url: text.slice(0, bar), version: text.slice(bar + 1) };
}

/** Rows that lead to contained resources, with the type of what is there. What leads to none keeps its identifier alone. */
export function settled(rows: ReferenceRow[], contained: unknown): ReferenceRow[] {
  if (!rows.some((row) => row.contained !== undefined)) return rows;
  const types = typesIn(contained);
  return rows.flatMap((row) => {
    if (row.contained === undefined) return row;
    const { contained: id, ...rest } = row, targetType = types.get(id);
    if (targetType !== undefined) return { ...row, targetType };
    return row.identifierSystem === undefined && row.identifierValue === undefined ? [] : rest;
  });
}

const typesById = new WeakMap<object, ReadonlyMap<string, string>>();

/** Laid out once, for contained resources refer to each other. */
function typesIn(contained: unknown): ReadonlyMap<string, string> {
  const list = typeof contained === "object" && contained !== null ? contained : [];
  let types = typesById.get(list);
  if (!types) typesById.set(list, types = new Map(containedResources(contained).map(({ id, resourceType }) => [id, resourceType])));
  return types;
}

/** What of `DomainResource.contained` can be referred to. */
export function containedResources(contained: unknown): (Resource & { id: string })[] {
  return Array.isArray(contained) ? contained.filter((one: unknown): one is Resource & { id: string } => typeof one === "object" && one !== null && "resourceType" in one && isResourceType(String(one.resourceType)) && "id" in one && typeof one.id === "string" && isId(one.id)) : [];
}

/** The part of an absolute url under one of this node's bases ("Patient/1"); undefined when it is elsewhere. */
function localPart(url: string, bases: readonly string[]): string | undefined {
  const base = bases.find((b) => url.startsWith(b.endsWith("/") ? b : `${b}/`));
  return base === undefined ? undefined : url.slice(base.length).replace(/^\//, "");
}

/** A row of an absolute url under this node's base as the local row it means. */
export function localised(row: ReferenceRow, bases: readonly string[]): ReferenceRow {
  const local = row.url === undefined ? undefined : localPart(row.url, bases);
  const found = local === undefined ? undefined : textTarget(local);
  if (found?.targetId === undefined) return row;
  const { url: _, ...rest } = row;
  return { ...rest, ...found };
}

/** `type`: from a `:Type` modifier. `targets`: what the parameter may point to; a bare id takes the type where only one is possible. */
export function parseReference(raw: string, type: string | undefined, targets: readonly string[], bases: readonly string[] = []): Result<ReferenceTerm> {
  const { url: stated, version } = splitVersion(unescape(raw));
  const url = localPart(stated, bases) ?? stated;
  if (url === "") return fail("invalid", "the reference is empty");
  if (!url.includes("/") && !url.includes(":")) {
    if (!isId(url)) return fail("invalid", `"${url}" is no resource id (1 to 64 of A-Z a-z 0-9 - .)`);
    const only = type ?? (targets.length === 1 ? targets[0] : undefined);
    return ok(only === undefined ? { kind: "local", id: url } : { kind: "local", type: only, id: url });
  }
  if (!url.includes(":")) {
    const key = parseKey(url);
    if (!key || !isResourceType(key.type) || url.indexOf(key.type) !== 0) return fail("invalid", `"${url}" is no reference; write id, Type/id or an absolute url`);
    if (type !== undefined && type !== key.type) return fail("invalid", `"${url}" contradicts the modifier :${type}`);
    return ok({ kind: "local", type: key.type, id: key.id });
  }
  return ok(version === undefined ? { kind: "url", url } : { kind: "url", url, version });
}

export function parseReferenceIdentifier(raw: string): Result<ReferenceTerm> {
  const parts = splitUnescaped(raw, "|").map(unescape);
  if (parts.length > 2 || parts.every((part) => part === "")) return fail("invalid", `"${raw}" is no identifier; write system|value or value`);
  const [system, value] = parts.length === 1 ? [undefined, parts[0]!] : [parts[0]!, parts[1]!];
  return ok({ kind: "identifier", ...(system === undefined ? {} : { system }), ...(value === "" ? {} : { value }) });
}

export function matchesReference(row: ReferenceRow, term: ReferenceTerm): boolean {
  switch (term.kind) {
    case "local": return row.targetId === term.id && (term.type === undefined || row.targetType === term.type);
    case "url": return row.url === term.url && (term.version === undefined || row.version === term.version);
    case "identifier":
      if (term.value !== undefined && row.identifierValue !== term.value) return false;
      if (row.identifierValue === undefined && row.identifierSystem === undefined) return false;
      return term.system === undefined || (row.identifierSystem ?? "") === term.system;
  }
}
