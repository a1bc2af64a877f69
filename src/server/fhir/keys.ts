/** Type and id from a path, or the failure that names the fault. */
import { isResourceType } from "#fhir/definitions/load.ts";
import { isId } from "#fhir/resource.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";

export type KeyParams = { type: string; id: string };

export function typeOf(type: string): Result<string> {
  if (type.startsWith("$")) return noOperation(type);
  return isResourceType(type) ? ok(type) : fail("not-found", `"${type.slice(0, 80)}" is not a resource type of FHIR R4. Types begin with a capital letter, e.g. Patient.`);
}

export function keyOf({ type, id }: KeyParams): Result<ResourceKey> {
  const known = typeOf(type);
  if (!known.ok) return known;
  if (id.startsWith("$") || id.startsWith("_")) return noOperation(id);
  return isId(id) ? ok({ type, id }) : fail("value", `"${id.slice(0, 80)}" is not a FHIR id: 1 to 64 letters, digits, "-" or ".".`);
}

/** A name of an operation where the address has a type, an id or a member: it is none of those offered there. */
export function unknownOperation(parameters: Readonly<Record<string, string>>): Failure | undefined {
  const name = Object.values(parameters).find((value) => value.startsWith("$"));
  return name === undefined ? undefined : noOperation(name).failure;
}

function noOperation(name: string): ReturnType<typeof fail> {
  return fail("not-found", `"${name.slice(0, 64)}" is no operation offered here. GET /fhir/R4/metadata lists what is.`);
}
