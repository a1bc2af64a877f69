/**
 * A MeasureReport against its Measure: each group, population and stratifier of one answers one of the other by code.
 * Source: https://hl7.org/fhir/R4/measurereport.html
 */
import type { Container } from "../context.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { isObject, objects, tell, type Run } from "../profile/run.ts";

export const checkMeasureReport: ValueCheck = (value, _twin, _type, run) => {
  const report = value as Container;
  if (typeof report.measure !== "string") return;
  const measure = run.definitions.registry.resource(report.measure, "Measure");
  if (!measure) return tell(run, "information", "not-found", `not checked against ${report.measure}, which is not known here; load it`);
  if (report.type === "data-collection" && report.group !== undefined) return; // mrp-1
  const scoring = codesOf(measure.scoring)[0]?.split("|")[1];
  const groups = objects(measure.group), reported = objects(report.group);
  // A single group needs no code to be known.
  const only = groups.length === 1 && reported.length === 1;
  const pairs = paired(groups, reported, only);
  for (const [i, group] of reported.entries()) {
    const asked = pairs.get(group);
    if (asked) checkGroup(group, asked, `group[${i}]`, scoring, report.type === "data-collection", run);
    else tell(run, "error", "value", `the Measure has no group with this code; use one of ${named(groups)}`, "group", i);
  }
  for (const group of groups) if (![...pairs.values()].includes(group)) tell(run, "error", "required", `the group ${name(group)} of the Measure is not reported`);
};

function checkGroup(group: Container, asked: Container, place: string, scoring: string | undefined, collecting: boolean, run: Run): void {
  checkScore(group, place, scoring, collecting, run);
  checkPopulations(group, asked, place, run);
  const strata = objects(asked.stratifier), reported = objects(group.stratifier);
  const only = strata.length === 1 && reported.length === 1;
  const pairs = paired(strata, reported, only);
  for (const [i, one] of reported.entries()) {
    const at = `${place}.stratifier[${i}]`;
    const stratifier = pairs.get(one);
    if (!stratifier) { tell(run, "error", "value", `no stratifier of the Measure has its code; use one of ${named(strata)}`, at); continue; }
    for (const [k, stratum] of objects(one.stratum).entries()) {
      checkScore(stratum, `${at}.stratum[${k}]`, scoring, collecting, run);
      if (objects(stratum.population).length > 0) checkPopulations(stratum, asked, `${at}.stratum[${k}]`, run);
    }
  }
  for (const stratifier of strata) if (![...pairs.values()].includes(stratifier)) tell(run, "error", "required", `the stratifier ${name(stratifier)} of the Measure is not reported`, place);
}

function checkPopulations(holder: Container, asked: Container, place: string, run: Run): void {
  const populations = objects(asked.population), reported = objects(holder.population);
  const pairs = paired(populations, reported, populations.length === 1 && reported.length === 1);
  for (const [i, one] of reported.entries()) if (!pairs.has(one)) tell(run, "error", "value", `no population of the Measure's group has this code; use one of ${named(populations)}`, `${place}.population[${i}]`);
  for (const one of populations) if (![...pairs.values()].includes(one)) tell(run, "error", "required", `the population ${name(one)} of the Measure is not reported`, place);
}

/** A cohort has no score; proportions and ratios have one without unit (https://hl7.org/fhir/R4/codesystem-measure-scoring.html). */
function checkScore(holder: Container, place: string, scoring: string | undefined, collecting: boolean, run: Run): void {
  const score = holder.measureScore;
  if (scoring === "cohort" && score !== undefined && place.endsWith("]") && !place.includes("stratum")) tell(run, "error", "value", "a cohort has no score; leave measureScore out", place);
  if (!isObject(score) || scoring === undefined || collecting) return;
  if ((scoring === "proportion" || scoring === "ratio") && typeof score.value !== "number") tell(run, "error", "required", `a ${scoring} has a number for its score`, `${place}.measureScore`);
}

/** Which of those asked each reported one answers. */
function paired(asked: readonly Container[], reported: readonly Container[], only: boolean): Map<Container, Container> {
  const pairs = new Map<Container, Container>();
  for (const one of reported) {
    const codes = codesOf(one.code);
    const found = codes.length > 0
      ? asked.find((other) => codesOf(other.code).some((code) => codes.includes(code)) || sameText(other.code, one.code))
      : only && codesOf(asked[0]!.code).length === 0 ? asked[0] : undefined;
    if (found) pairs.set(one, found);
    else if (only && codes.length === 0) pairs.set(one, asked[0]!);
  }
  return pairs;
}

/** "system|code" of a CodeableConcept, or of the several that MeasureReport.stratifier.code may be. */
function codesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((concept) => isObject(concept) ? objects(concept.coding).flatMap(({ system, code }) => typeof code === "string" ? [`${typeof system === "string" ? system : ""}|${code}`] : []) : []);
}

function sameText(a: unknown, b: unknown): boolean {
  return isObject(a) && isObject(b) && typeof a.text === "string" && a.text === b.text;
}

function name(one: Container): string {
  return codesOf(one.code)[0] ?? (typeof one.id === "string" ? `"${one.id}"` : "without a code");
}

function named(all: readonly Container[]): string {
  return all.map(name).slice(0, 8).join(", ") || "none";
}
