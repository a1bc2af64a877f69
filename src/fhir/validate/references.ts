/**
 * References: shape, existence of a contained target, and allowed target type of a local reference.
 * Absolute URLs, urn: and conditional references ("Patient?identifier=…", resolved by a transaction) are taken as they are.
 * Source: https://hl7.org/fhir/R4/references.html
 */
import { isResourceType } from "../definitions/load.ts";
import { report, type Container, type Context } from "./context.ts";
import { shown } from "./primitives.ts";

const local = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#[A-Za-z0-9\-.]{1,64})?$/;
const conditional = /^([A-Za-z]+)\?\S+$/;
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/** `targets` undefined: any resource type. Reports at the Reference where the context stands. */
export function checkReference(value: unknown, targets: readonly string[] | undefined, context: Context): void {
  if (typeof value !== "object" || value === null) return;
  const { reference, type } = value as { reference?: unknown; type?: unknown };
  let found: string | undefined;
  if (typeof reference === "string" && reference !== "") {
    if (reference.startsWith("#")) {
      const target = containedTarget(context.container, reference.slice(1));
      if (target === undefined) return report(context, "invariant", `${shown(reference)} refers to no contained resource (ref-1); contain one with this id, or refer to "Type/id"`);
      found = target;
    } else {
      const match = local.exec(reference) ?? conditional.exec(reference);
      if (match) {
        found = match[1]!;
        if (!isResourceType(found)) return report(context, "value", `${shown(reference)} names "${found}", which is no R4 resource type`);
      } else if (!absolute.test(reference))
        return report(context, "value", `${shown(reference)} is no reference: write "Type/id", an absolute URL, "urn:uuid:…" or "#id"`);
    }
  }
  if (typeof type === "string") {
    if (found !== undefined && isResourceType(type) && type !== found) return report(context, "value", `type says ${type}, but the reference is to ${found}`);
    if (isResourceType(type)) found ??= type;
  }
  if (found !== undefined && targets && !targets.includes(found))
    report(context, "value", `may refer to ${targets.join(", ")}, found ${found}`);
}

/** Type of the contained resource with this id; of the container itself for "#". */
function containedTarget(container: Container | undefined, id: string): string | undefined {
  if (!container) return undefined;
  const all = id === "" ? [container] : Array.isArray(container.contained) ? container.contained as unknown[] : [];
  for (const one of all)
    if (typeof one === "object" && one !== null && (id === "" || (one as Container).id === id)) {
      const type = (one as Container).resourceType;
      if (typeof type === "string") return type;
    }
  return undefined;
}
