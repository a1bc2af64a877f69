/** The terminology of R4 itself (HL7 v2 and v3 code systems included): read at first use, shared, never changed. */
import { terminologyShelf } from "../definitions/terminology.ts";
import { Terminology } from "./terminology.ts";

let base: Terminology | undefined;

/** Layer what a package or the record holds over it: `r4Terminology().with(resources)`. */
export function r4Terminology(): Terminology {
  return base ??= Terminology.lazy(terminologyShelf());
}
