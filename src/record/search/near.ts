/** Search parameter `near` on the rows of positions. */
import { earthRadius } from "#fhir/search/near.ts";
import type { NearTerm } from "#fhir/search/query-model.ts";
import { raw, sql, type Sql } from "../sql.ts";
import { anyOf } from "./source.ts";

/** Great-circle distance as in near.ts; the latitude first, for it is indexed. */
export function nearTest(alias: string, terms: readonly NearTerm[]): Sql {
  return anyOf(terms.map(({ latitude, longitude, distance }) => {
    const value = (number: number) => sql`${String(number)}::float8`;
    const column = (name: string) => raw(`${alias}.${name}`);
    // A little wider, so that rounding never loses a place on the edge.
    const reach = distance / earthRadius * 180 / Math.PI * (1 + 1e-9) + 1e-9;
    return sql`(${column("latitude")} between ${value(latitude - reach)} and ${value(latitude + reach)} and 2 * ${value(earthRadius)} * asin(least(1, sqrt(
      sin(radians(${value(latitude)} - ${column("latitude")}) / 2) ^ 2 + cos(radians(${column("latitude")})) * cos(radians(${value(latitude)})) * sin(radians(${value(longitude)} - ${column("longitude")}) / 2) ^ 2))) <= ${value(distance)})`;
  }));
}
