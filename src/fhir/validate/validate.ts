/**
 * Structural validation of base R4, run on every write: members, JSON types, cardinality, choices, primitive forms,
 * required bindings that can be enumerated here, references, contained resources, narrative, ele-1 and ext-1.
 * Not here: profiles, other invariants, extensible bindings, terminology services.
 */
import type { Issue } from "#platform/result.ts";
import { push, type Container, type Context } from "./context.ts";
import { checkResource } from "./check.ts";

export type ValidateOptions = {
  /** Issues after which checking ends. Default 100. */
  issuesMax?: number;
};

export const issuesMaxDefault = 100;

/** Every fault, each with the FHIRPath of its element; an empty list when the resource is sound. Takes any JSON value. */
export function validateResource(resource: unknown, { issuesMax = issuesMaxDefault }: ValidateOptions = {}): Issue[] {
  const type = typeof resource === "object" && resource !== null ? (resource as Container).resourceType : undefined;
  const context: Context = {
    issues: [], issuesMax, names: [], positions: [], depth: 0,
    container: typeof resource === "object" && resource !== null ? resource as Container : undefined,
  };
  push(context, typeof type === "string" && /^[A-Za-z]{1,64}$/.test(type) ? type : "Resource", -1);
  checkResource(resource, context);
  return context.issues;
}
