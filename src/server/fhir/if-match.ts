/**
 * The one version that a write names: If-Match as the record takes it, also "*" and lists, which are looked up first
 * (another writer in between makes the write fail with 412, never pass). Source: RFC 7232 section 3.1
 */
import type { FastifyRequest } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import type { HealthRecord } from "#record/record.ts";
import { principalOf } from "../http/caller.ts";
import { tagsOf } from "../http/preconditions.ts";

export async function ifMatchOf(request: FastifyRequest, record: Pick<HealthRecord, "read">, key: ResourceKey): Promise<Result<number | undefined>> {
  const tags = tagsOf("If-Match", request.headers["if-match"]);
  if (!tags.ok) return tags;
  const { value } = tags;
  if (value === undefined) return ok(undefined);
  if (value !== "*" && value.length === 1 && value[0]! > 0) return ok(value[0]);
  const now = await record.read(principalOf(request).caller, key);
  if (now.kind === "current" && (value === "*" || value.includes(now.stored.version))) return ok(now.stored.version);
  return fail("precondition", `If-Match names no current version of ${key.type}/${key.id}; read it again and repeat the change`);
}
