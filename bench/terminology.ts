/**
 * Group `terminology`: membership of codings over R4's own content against one look-up in a Map of "system|code" made by
 * hand; expansion of a system of 100,000 concepts with filters against a loop written by hand over the same concepts;
 * opening the compact form against JSON.parse of the same resources.
 */
import { readFileSync } from "node:fs";
import { terminologyFile, terminologyShelf } from "#fhir/definitions/terminology.ts";
import { expandOperation } from "#fhir/terminology/operations/expand.ts";
import { runSync } from "#fhir/terminology/provider.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { CodeSystemConcept, ValueSet } from "#fhir/terminology/resources.ts";
import { Terminology } from "#fhir/terminology/terminology.ts";
import { rate } from "./rate.ts";
import type { Row } from "./row.ts";

const group = "terminology";
const count = 100_000;
const page = 1000;
let sink = 0;

const category = "http://hl7.org/fhir/ValueSet/observation-category";
const codings = ["laboratory", "vital-signs", "imaging", "exam", "survey", "no-such"].map((code) => ({ system: "http://terminology.hl7.org/CodeSystem/observation-category", code }));

function membership(): Row {
  const r4 = r4Terminology();
  const byHand = new Map(codings.slice(0, 5).map(({ system, code }) => [`${system}|${code}`, true]));
  const repeats = 20_000;
  const work = (): void => { for (let i = 0; i < repeats; i++) for (const coding of codings) sink += r4.memberOf(category, coding).kind === "member" ? 1 : 0; };
  const floor = (): void => { for (let i = 0; i < repeats; i++) for (const { system, code } of codings) sink += byHand.has(`${system}|${code}`) ? 1 : 0; };
  return { group, name: "is a coding in observation-category", unit: "codings/s", note: "floor: a Map of system|code", ours: rate(repeats * codings.length, work), floor: rate(repeats * codings.length, floor) };
}

function expansions(): Row[] {
  const colours = ["red", "green", "blue"];
  const concept = Array.from({ length: 100 }, (_, i): CodeSystemConcept => ({
    code: `g${i}`, display: `Group ${i}`,
    concept: Array.from({ length: count / 100 - 1 }, (_, j): CodeSystemConcept => ({ code: `c${i}-${j}`, display: `Concept ${j} of group ${i}`, property: [{ code: "colour", valueCode: colours[j % 3]! }] })),
  }));
  const set = (name: string, ...filter: { property: string; op: string; value: string }[]): ValueSet => ({ resourceType: "ValueSet", url: `urn:${name}`, status: "active", compose: { include: [{ system: "urn:big", ...(filter.length > 0 ? { filter } : {}) }] } });
  const blue = { property: "colour", op: "=", value: "blue" };
  const source = Terminology.of([{ resourceType: "CodeSystem", url: "urn:big", status: "active", content: "complete", property: [{ code: "colour" }], concept }, set("all"), set("blue", blue), set("both", blue, { property: "concept", op: "is-a", value: "g7" })]);
  const all = concept.flatMap((one) => [one, ...one.concept!]);
  const expand = (name: string, offset: number) => (): void => {
    const { body } = runSync(expandOperation({ source, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: `urn:${name}` }, { name: "offset", valueInteger: offset }, { name: "count", valueInteger: page }] }, stamp: { identifier: "urn:uuid:0", timestamp: "2026-01-01T00:00:00Z" } }));
    sink += (body as ValueSet).expansion!.total!;
  };
  const loop = (passes: (one: CodeSystemConcept) => boolean, offset: number) => (): void => {
    let total = 0;
    const contains = [];
    for (const one of all) if (passes(one) && total++ >= offset && contains.length < page) contains.push({ system: "urn:big", code: one.code, display: one.display });
    sink += total + contains.length;
  };
  const isBlue = (one: CodeSystemConcept): boolean => one.property?.some(({ code, valueCode }) => code === "colour" && valueCode === "blue") === true;
  const below = new Set([concept[7]!, ...concept[7]!.concept!]);
  const note = "floor: a loop by hand over 100,000 concepts";
  return [
    { group, name: "page of 1,000 of 100,000 concepts, offset 50,000", unit: "concepts scanned/s", note, ours: rate(count, expand("all", 50_000)), floor: rate(count, loop(() => true, 50_000)) },
    { group, name: "the same with a property filter", unit: "concepts scanned/s", note, ours: rate(count, expand("blue", 10_000)), floor: rate(count, loop(isBlue, 10_000)) },
    { group, name: "the same with property and is-a", unit: "concepts scanned/s", note, ours: rate(count, expand("both", 0)), floor: rate(count, loop((one) => isBlue(one) && below.has(one), 0)) },
  ];
}

function opening(): Row {
  r4Terminology();
  const text = readFileSync(terminologyFile, "utf8").split("\n").filter(Boolean);
  return {
    group, name: "opening R4's terminology and its first answer", unit: "times/s", note: "floor: JSON.parse of all of it",
    ours: rate(1, () => { sink += Terminology.lazy(terminologyShelf()).memberOf(category, codings[0]!).kind === "member" ? 1 : 0; }),
    floor: rate(1, () => { for (const line of text) sink += JSON.parse(line) ? 1 : 0; }),
  };
}

export async function run(): Promise<Row[]> {
  return [membership(), ...expansions(), opening()];
}
