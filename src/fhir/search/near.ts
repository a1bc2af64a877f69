/**
 * Special parameter `near` of Location: [latitude]|[longitude]|[distance]|[units]. Source: https://hl7.org/fhir/R4/location.html#positional
 * Great-circle distance on a sphere; units are UCUM lengths, kilometres where none is said.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { convert } from "../ucum/convert.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import type { NearTerm } from "./query-model.ts";
import type { IndexRows, PositionRow } from "./rows.ts";
import { splitUnescaped, unescape } from "./value.ts";

/** Where no distance is said, kilometres. */
export const distanceDefault = 50;

/** Mean radius of the earth, km (IUGG). */
export const earthRadius = 6371.0088;

export function extractPosition(item: Item, rows: IndexRows): void {
  if (!(item instanceof Node) || typeof item.value !== "object" || item.value === null) return;
  const { latitude, longitude } = item.value as Record<string, unknown>;
  if (typeof latitude === "number" && typeof longitude === "number") rows.positions.push({ latitude, longitude });
}

export function parseNear(raw: string): Result<NearTerm> {
  const parts = splitUnescaped(raw, "|").map(unescape);
  const wrong = fail("invalid", `"${raw.slice(0, 60)}" is no place; write latitude|longitude|distance|unit, such as 42.25|-83.69|11.2|km`);
  if (parts.length < 2 || parts.length > 4) return wrong;
  const [latitude, longitude, stated] = parts.slice(0, 3).map((part) => part === "" ? undefined : /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(part) ? Number(part) : Number.NaN);
  if (latitude === undefined || longitude === undefined || !(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return wrong;
  if (stated !== undefined && !(stated >= 0)) return wrong;
  const unit = parts[3] || "km";
  const distance = stated === undefined ? ok(distanceDefault) : inKilometres(stated, unit);
  return distance.ok ? ok({ latitude, longitude, distance: distance.value }) : distance;
}

function inKilometres(value: number, unit: string): Result<number> {
  const converted = convert(value, unit, "km");
  return converted.ok ? ok(converted.value) : fail("invalid", `"${unit.slice(0, 40)}" is no UCUM unit of length; write km, m or [mi_us]`);
}

/** Kilometres along the great circle. */
export function distanceBetween(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const [phi1, phi2] = [radians(a.latitude), radians(b.latitude)];
  const chord = Math.sin((phi2 - phi1) / 2) ** 2 + Math.cos(phi1) * Math.cos(phi2) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(chord)));
}

function radians(degrees: number): number {
  return degrees * Math.PI / 180;
}

export function matchesNear(row: PositionRow, term: NearTerm): boolean {
  return distanceBetween(row, term) <= term.distance;
}
