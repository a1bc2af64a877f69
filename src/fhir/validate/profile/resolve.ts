/**
 * Where a reference leads: contained resources, entries of the Bundle by the rules of fullUrl, then the caller's port.
 * Source: https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/bundle.html#references
 */
import type { Container } from "../context.ts";
import { isObject, type Run } from "./run.ts";

export function resolveReference(reference: unknown, run: Run): Container | undefined {
  const text = typeof reference === "string" ? reference : isObject(reference) && typeof reference.reference === "string" ? reference.reference : undefined;
  if (text === undefined || text === "") return undefined;
  if (text.startsWith("#")) return containedIn(run.root, text.slice(1));
  const entry = run.bundle?.find(text, run.root);
  if (entry) return entry;
  const found = run.outside?.(text);
  return isObject(found) ? found : undefined;
}

function containedIn(root: Container, id: string): Container | undefined {
  if (id === "") return root;
  const list = Array.isArray(root.contained) ? root.contained : [];
  return list.find((one): one is Container => isObject(one) && one.id === id);
}
