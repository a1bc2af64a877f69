/** Every statement of the pages of R4 that speak of REST. */
import { httpStatements } from "./http.ts";
import { otherStatements } from "./other.ts";
import { searchStatements } from "./search.ts";

export const statements = [...httpStatements, ...searchStatements, ...otherStatements] as const;

export type StatementId = (typeof statements)[number][0];
