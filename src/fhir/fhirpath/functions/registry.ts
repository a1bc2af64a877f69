/** The one table of functions: name → definition. A new function is a row in a section's table. */
import { combining } from "./combining.ts";
import { components } from "./components.ts";
import { conversion } from "./conversion.ts";
import type { FunctionDefinition } from "./definition.ts";
import { encoding } from "./encoding.ts";
import { existence } from "./existence.ts";
import { filtering } from "./filtering.ts";
import { keys } from "./keys.ts";
import { math } from "./math.ts";
import { strings } from "./strings.ts";
import { precision } from "./precision.ts";
import { profiles } from "./profiles.ts";
import { sorting } from "./sorting.ts";
import { subsetting } from "./subsetting.ts";
import { utility } from "./utility.ts";
import { variables } from "./variables.ts";

export type { FunctionDefinition } from "./definition.ts";

export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [existence, filtering, subsetting, combining, conversion, strings, encoding, math, keys, precision, components, sorting, profiles, utility, variables].flatMap((table) => Object.entries(table)),
);
