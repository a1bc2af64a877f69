/** Pack `us-core-examples`: every example goes JSON → XML → JSON without loss. */
import { roundTrips, type RoundTripCase } from "../xml-round-trip/round-trip.ts";

export const pack = "us-core-examples";

export function cases(dir: string): AsyncGenerator<RoundTripCase> {
  return roundTrips(dir, ["examples"]);
}
