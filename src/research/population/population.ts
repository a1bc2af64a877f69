/**
 * A virtual population as a stream: first one transaction Bundle of shared resources (institutions, staff, places),
 * then one per person. Same seed and day, same bytes; person i is the same in a population of any size; ids follow from
 * seed and index, and each entry is a PUT, so that bringing it in twice adds nothing. Nothing lies after the day before
 * `asOf`. One person is in memory at a time. Models and sources: docs/population.md
 */
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { fail, ok, type Result } from "#platform/result.ts";
import { base, institutions } from "./institutions.ts";
import { person } from "./person.ts";
import { parseDay } from "./time.ts";

export type PopulationOptions = { /** 0…10,000,000 people */ size: number; /** whole number 0…2³²−1 */ seed: number; /** YYYY-MM-DD */ asOf: string };
export type PopulationPart = { kind: "shared" | "person"; /** 0 for shared, else 0…size−1 */ index: number; bundle: Bundle };

export function checkOptions({ size, seed, asOf }: PopulationOptions): Result<{ lastDay: number }> {
  if (!Number.isInteger(size) || size < 0 || size > 10_000_000) return fail("value", `size ${size}: give a whole number from 0 to 10000000`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) return fail("value", `seed ${seed}: give a whole number from 0 to 4294967295`);
  const day = parseDay(asOf);
  return day.ok ? ok({ lastDay: day.value - 1 }) : day;
}

/** Throws on options that `checkOptions` refuses. */
export async function* population(options: PopulationOptions): AsyncGenerator<PopulationPart> {
  const checked = checkOptions(options);
  if (!checked.ok) throw new Error(checked.failure.text);
  const shared = institutions(prefixOf(options.seed));
  yield { kind: "shared", index: 0, bundle: transaction(shared.resources) };
  for (let index = 0; index < options.size; index++) {
    yield { kind: "person", index, bundle: transaction(person(String(options.seed), index, checked.value.lastDay, shared)) };
    await new Promise<void>((resume) => setImmediate(resume)); // lets a server answer between two people
  }
}

export function prefixOf(seed: number): string {
  return `pop${seed}`;
}

function transaction(resources: readonly Resource[]): Bundle {
  return {
    resourceType: "Bundle", type: "transaction",
    entry: resources.map((resource) => {
      const url = `${resource.resourceType}/${resource.id}`;
      return { fullUrl: `${base}/${url}`, resource, request: { method: "PUT", url } };
    }),
  };
}
