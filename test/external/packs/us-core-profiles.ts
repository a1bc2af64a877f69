/** Pack `us-core-examples`: every example conforms to the US Core profiles it claims. */
import { conformingExamples, type ExampleCase } from "../validate/examples.ts";

export const pack = "us-core-examples";

export function cases(dir: string): AsyncGenerator<ExampleCase> {
  return conformingExamples(dir, "definitions", "examples");
}
