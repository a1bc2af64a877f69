/**
 * Who a resource of a file is on this node: its own type and id where it has a usable one, else the hash of its content.
 * So an import run twice, or taken up again after a break, meets the same resources and adds nothing.
 */
import { createHash } from "node:crypto";
import { isId } from "#fhir/resource.ts";

export type Identity = { type: string; id: string };

export function identityOf(value: { resourceType: string; id?: unknown }, text: string): Identity {
  const id = typeof value.id === "string" && isId(value.id) ? value.id : `h-${createHash("sha256").update(text).digest("hex").slice(0, 40)}`;
  return { type: value.resourceType, id };
}

/** What references inside the same Bundle may call it. */
export function namesOf({ type, id }: Identity, fullUrl: string | undefined): string[] {
  return fullUrl === undefined || fullUrl.endsWith(`/${type}/${id}`) ? [] : [fullUrl];
}
