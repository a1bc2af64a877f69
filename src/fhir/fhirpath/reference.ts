/**
 * resolve(): what a Reference, canonical or uri points to. With a resolver the resource itself; contained
 * resources always; otherwise a bare node of the type that the reference states, enough for `resolve() is Patient`.
 * Source: https://hl7.org/fhir/R4/fhirpath.html#functions
 */
import { parseReference, type Resource } from "../resource.ts";
import { isResourceType } from "../definitions/load.ts";
import type { Context } from "./emit.ts";
import { Node, type Item } from "./values.ts";

function read(item: Item): { text: string | undefined; type: string | undefined } {
  if (typeof item === "string") return { text: item, type: undefined };
  if (!(item instanceof Node)) return { text: undefined, type: undefined };
  if (typeof item.value === "string") return { text: item.value, type: undefined };
  if (item.type !== "Reference" || typeof item.value !== "object" || item.value === null) return { text: undefined, type: undefined };
  const { reference, type } = item.value as Record<string, unknown>;
  return {
    text: typeof reference === "string" ? reference : undefined,
    type: typeof type === "string" && isResourceType(type) ? type : undefined,
  };
}

/** The resource that contains %resource, or itself. */
export function rootResource(context: Context): Item {
  const container = context.environment?.rootResource;
  return container === undefined ? context.resource : new Node(container, container.resourceType);
}

function contained(text: string, context: Context): Node | undefined {
  const root = rootResource(context);
  const holder = root instanceof Node ? root.value as Record<string, unknown> : undefined;
  if (!holder) return undefined;
  const list = Array.isArray(holder.contained) ? holder.contained as Record<string, unknown>[] : [];
  const found = text === "#" ? holder : list.find((resource) => resource?.id === text.slice(1));
  return found && typeof found.resourceType === "string" ? new Node(found, isResourceType(found.resourceType) ? found.resourceType : "Resource") : undefined;
}

const noEntries: ReadonlyMap<string, Resource> = new Map();

/** A resource of the Bundle in which the evaluation takes place: by its fullUrl, or by Type/id at the fullUrl's end. */
function inBundle(text: string, context: Context): Resource | undefined {
  context.entries ??= entriesOf(rootResource(context));
  return context.entries.get(text);
}

function entriesOf(root: Item): ReadonlyMap<string, Resource> {
  const bundle = root instanceof Node && root.type === "Bundle" ? root.value as { entry?: unknown } : undefined;
  if (!bundle || !Array.isArray(bundle.entry)) return noEntries;
  const found = new Map<string, Resource>();
  for (const entry of bundle.entry as ({ fullUrl?: unknown; resource?: Resource } | null)[]) {
    if (typeof entry?.fullUrl !== "string" || typeof entry.resource?.resourceType !== "string" || !isResourceType(entry.resource.resourceType)) continue;
    if (!found.has(entry.fullUrl)) found.set(entry.fullUrl, entry.resource);
    const key = parseReference(entry.fullUrl);
    if (key && !found.has(`${key.type}/${key.id}`)) found.set(`${key.type}/${key.id}`, entry.resource);
  }
  return found;
}

/** Type of the resource an item refers to; undefined when nothing tells. */
export function referencedType(item: Item, context: Context): string | undefined {
  const { text, type } = read(item);
  if (text === undefined) return type;
  if (text.startsWith("#")) return contained(text, context)?.type;
  const stated = parseReference(text)?.type;
  if (stated !== undefined && isResourceType(stated)) return stated;
  return inBundle(text, context)?.resourceType ?? type ?? context.environment?.resolve?.(text)?.resourceType;
}

export function resolveItem(item: Item, context: Context): Node | undefined {
  const { text } = read(item);
  if (text?.startsWith("#")) return contained(text, context);
  const found = text === undefined ? undefined : inBundle(text, context) ?? context.environment?.resolve?.(text);
  if (found) return new Node(found, found.resourceType);
  const type = referencedType(item, context);
  if (type === undefined) return undefined;
  const id = text === undefined ? undefined : parseReference(text)?.id;
  return new Node(id === undefined ? { resourceType: type } : { resourceType: type, id }, type);
}
