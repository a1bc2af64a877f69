/**
 * Whom index rows are about, as SQL. Of most types a resource's persons are the Patients that references of a few
 * parameters lead to: these stand among its rows and are not said again. Those of the others (a Patient itself, what takes
 * its persons from its targets, what is shared, subscriptions) stand in table `compartment`, shared ones as person 0.
 */
import { patientCompartmentParams, resourceTypes } from "#fhir/definitions/load.ts";
import { unreachable } from "#platform/result.ts";
import { paramKey, ridOf } from "./keys.ts";
import { liesWithPersons } from "./persons.ts";
import type { AccessFilter } from "./record.ts";
import { join, numbers, raw, sql, type Sql } from "./sql.ts";
import { storedParams } from "./stored-params.ts";

const paramsByType = new Map<string, readonly number[] | undefined>();

/** Keys of the parameters whose references say all persons of a type's resources; undefined where `compartment` does. */
export function personParams(type: string): readonly number[] | undefined {
  if (!paramsByType.has(type)) {
    const params = type !== "Patient" && liesWithPersons(type) ? patientCompartmentParams(type) : undefined;
    paramsByType.set(type, params && [...new Set(params.flatMap((param) => storedParams(type, param, ["Patient"])))].map((param) => paramKey(type, param)));
  }
  return paramsByType.get(type);
}

let everyParam: string | undefined;

function paramsOf(type: string | undefined): string | undefined {
  if (type === undefined) return everyParam ??= numbers(resourceTypes().flatMap((one) => personParams(one) ?? []));
  const params = personParams(type);
  return params && numbers(params);
}

/** For rows of index tables, by (ck, rid): one probe a row. `alias` is none of c, f, k: within the probe these are its own. `type`: of the row's resource, where it is known. */
export function candidateVisible(filter: AccessFilter, alias: string, type: string | undefined): Sql {
  const params = paramsOf(type);
  // Said so that the index by resource answers: by target all that refers to a person would be walked for each row.
  const referred = (seen: Sql): Sql => sql`(select true from reference f where ${raw(`f.ck = ${alias}.ck and f.rid = ${alias}.rid`)} and f.param = any(${params!}::int[]) and ${seen} limit 1) is not null`;
  const filed = (seen: Sql): Sql => sql`(select true from compartment c where ${raw(`c.ck = ${alias}.ck and c.rid = ${alias}.rid`)} and ${seen} limit 1) is not null`;
  const either = (byReference: Sql, byCompartment: Sql): Sql => type === undefined ? sql`(${filed(byCompartment)} or ${referred(byReference)})` : params === undefined ? filed(byCompartment) : referred(byReference);
  switch (filter.kind) {
    case "all": return raw("true");
    case "none": return raw("false");
    case "patient": {
      const person = sql`${ridOf("Patient", filter.patient)}::bigint`;
      return either(sql`(f.target = ${person}) is true`, sql`c.person in (0, ${person})`);
    }
    case "practitioner": {
      const inCare = (person: string): Sql => sql`(select true from care k where k.practitioner = ${ridOf("Practitioner", filter.practitioner)}::bigint and k.person = ${raw(person)} limit 1)`;
      return either(inCare("f.target"), sql`(c.person = 0 or ${inCare("c.person")})`);
    }
    default: return unreachable(filter);
  }
}

/** (ck, rid) of all that is about the persons, each once; of one type where given. `persons`: what their rids are, as in "= $1". */
export function rowsAbout(persons: Sql, type?: string): Sql {
  const params = paramsOf(type);
  const parts = [
    ...params === undefined ? [] : [sql`select f.ck, f.rid from reference f where f.target ${persons} and f.param = any(${params}::int[])`],
    ...type !== undefined && params !== undefined ? [] : [sql`select c.ck, c.rid from compartment c where c.person ${persons} and c.person <> 0`],
  ];
  return parts.length === 1 ? sql`(select distinct x.ck, x.rid from (${parts[0]!}) x)` : sql`(${join(parts, " union ")})`;
}

/**
 * Every bucket in which resources that lie with their persons stand (persons.ts) of those in a practitioner's care: each
 * one's own, which whatever refers to them tells or their own row, and those noted as strays.
 */
export function bucketsInCare(practitioner: string): Sql {
  return sql`select distinct b.ck from (select distinct k.person from care k where k.practitioner = ${ridOf("Practitioner", practitioner)}::bigint) p
    cross join lateral (select coalesce((select f.place from reference f where f.target = p.person limit 1), (select c.ck from compartment c where c.person = p.person and c.rid = p.person limit 1)) as ck
      union all select s.ck from stray s where s.person = p.person) b
    where b.ck is not null`;
}
