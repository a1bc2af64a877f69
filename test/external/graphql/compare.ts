/** What both ways of running the pack `graphql` share: the engine alone, and over HTTP. */
import assert from "node:assert/strict";
import type { GraphqlAnswer } from "#fhir/graphql/graphql.ts";
import type { JsonObject } from "#fhir/resource.ts";
import type { XmlElement } from "#fhir/xml/tree.ts";
import type { Result } from "#platform/result.ts";

/** Paging values and scores come from a mock store: ids and active flags are compared, and which members there are. */
export function compareShape(answer: Pick<GraphqlAnswer, "data">, expected: JsonObject): void {
  type Connection = { count: number; offset: number; pagesize: number; edges: { resource: unknown }[] };
  const own = answer.data?.PatientConnection as unknown as Connection, wanted = expected.PatientConnection as unknown as Connection;
  assert.deepEqual(own.edges.map(({ resource }) => resource), wanted.edges.map(({ resource }) => resource));
  for (const name of ["count", "offset", "pagesize"] as const) assert.equal(typeof own[name], "number");
}

export function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((other) => other.name === name)?.value;
}

export function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}
