/**
 * Where some faults are told. Ours is the element that is at fault. HL7's validator names another place for a few: one is
 * coarser, one is a path of the type that a profile is about, some count from one or name the first entry for all. Who
 * compares its outcomes with ours sets `places: "hl7"`.
 */
import type { Run } from "./profile/run.ts";

/** An entry whose fullUrl is wrong. */
export function fullUrlPlace({ settings }: Run, position: number): string {
  return `entry[${settings.places === "hl7" ? 0 : position}]`;
}

/** A reference of the first entry that leads to nothing a document or message carries. */
export function carriedPlace({ settings }: Run, place: string): string {
  if (settings.places === "exact") return place;
  return place.replace(/\[(\d+)\]/g, (_, position) => `[${Number(position) + 1}]`).replace(/\.focus\[\d+\]$/, ".focus[0]");
}

/** What in a Bundle leads into a narrative, and does not arrive. `place` is absolute. */
export function narrativeLinkPlace({ settings, bundle, names }: Run, place: string): string {
  return settings.places === "hl7" && bundle ? names[0]! : place;
}

/** An element of a differential that contradicts what its base fixes. */
export function fixedPlace({ settings }: Run, path: string, place: string): string {
  return settings.places === "hl7" ? path : place;
}

/** A parameter that contradicts the operation's profile on Parameters. */
export function parameterPlace({ settings }: Run, member: string, place: string): string {
  return settings.places === "hl7" ? `${member}.${place}` : place;
}

/** An element of a differential that does not narrow its base. HL7's finds it while it makes the snapshot. */
export function derivationPlace({ settings, names }: Run, place: string): string {
  return settings.places === "hl7" ? names[0]! : place;
}
