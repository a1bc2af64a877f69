/** Pack `ips`: every example conforms to the International Patient Summary profiles it claims. */
import { conformingExamples, type ExampleCase } from "../validate/examples.ts";

export const pack = "ips";

export function cases(dir: string): AsyncGenerator<ExampleCase> {
  return conformingExamples(dir, "profiles", "examples");
}
