/**
 * The terminology of R4 itself (HL7 v2 and v3 code systems included), and two code systems that R4 draws on and everyone
 * uses, whose content is free: read at first use, shared, never changed.
 */
import { terminologyShelf } from "../definitions/terminology.ts";
import type { ShelfEntry } from "./shelf.ts";
import { cvx, cvxUrl, cvxVersion } from "./systems/cvx.ts";
import { iso3166, iso3166Url, iso3166Version } from "./systems/iso-3166.ts";
import { Terminology } from "./terminology.ts";

let base: Terminology | undefined;

const shipped: readonly ShelfEntry[] = [
  { type: "CodeSystem", url: cvxUrl, version: cvxVersion, read: cvx },
  { type: "CodeSystem", url: iso3166Url, version: iso3166Version, read: iso3166 },
];

/** Layer what a package or the record holds over it: `r4Terminology().with(resources)`. */
export function r4Terminology(): Terminology {
  return base ??= Terminology.lazy([...terminologyShelf(), ...shipped]);
}
