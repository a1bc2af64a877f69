/**
 * If-Match and If-Unmodified-Since of a change as the one version the record takes: several tags and "*" are settled by reading first; the
 * record then checks the version again inside the transaction.
 * Source: https://hl7.org/fhir/R4/http.html#concurrency, RFC 9110 section 13.1.4
 */
import type { FastifyRequest } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { httpDate, tagsOf } from "#record/preconditions.ts";
import type { HealthRecord } from "#record/record.ts";
import { principalOf } from "../http/caller.ts";

export async function ifMatchOf(request: FastifyRequest, record: Pick<HealthRecord, "read">, key: ResourceKey): Promise<Result<number | undefined>> {
  const tags = tagsOf("If-Match", request.headers["if-match"]);
  if (!tags.ok) return tags;
  const { value } = tags;
  if (value === undefined) return await unmodified(request, record, key);
  if (value !== "*" && value.length === 1 && value[0]! > 0) return ok(value[0]);
  const now = await record.read(principalOf(request).caller, key);
  if (now.kind === "current" && (value === "*" || value.includes(now.stored.version))) return ok(now.stored.version);
  return fail("precondition", `If-Match names no current version of ${key.type}/${key.id}; read it again and repeat the change`);
}

/** The version that is as old as the client says; nothing where there is none, or no date that can be read. Looked at without If-Match alone. */
async function unmodified(request: FastifyRequest, record: Pick<HealthRecord, "read">, key: ResourceKey): Promise<Result<number | undefined>> {
  const since = httpDate(request.headers["if-unmodified-since"]);
  if (since === undefined) return ok(undefined);
  const now = await record.read(principalOf(request).caller, key);
  if (now.kind !== "current") return ok(undefined);
  // HTTP dates are whole seconds.
  if (Date.parse(now.stored.lastUpdated) < since + 1000) return ok(now.stored.version);
  return fail("precondition", `${key.type}/${key.id} was changed after If-Unmodified-Since; read it again and repeat the change`);
}

/** Where a condition names the resource: If-Match is one version, or is not there. */
export function oneVersionOf(request: FastifyRequest): Result<{ ifMatch?: number }> {
  const tags = tagsOf("If-Match", request.headers["if-match"]);
  if (!tags.ok) return tags;
  const { value } = tags;
  if (value === undefined) return ok({});
  if (value === "*" || value.length !== 1) return fail("value", 'With a condition in the address, If-Match takes one version, e.g. W/"3".');
  // A tag that is no version of ours names none.
  return ok({ ifMatch: value[0]! });
}
