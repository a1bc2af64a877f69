/** Pack `ips`: every example goes JSON → XML → JSON without loss. */
import { roundTrips, type RoundTripCase } from "../xml-round-trip/round-trip.ts";

export const pack = "ips";

export function cases(dir: string): AsyncGenerator<RoundTripCase> {
  return roundTrips(dir, ["examples"]);
}
