/** Pack `us-core-examples`: every example is structurally sound base R4 and keeps its content through the JSON door. */
import { soundFiles, type StructureCase } from "../structure/sound.ts";

export const pack = "us-core-examples";

export function cases(dir: string): AsyncGenerator<StructureCase> {
  return soundFiles(dir, ["examples"]);
}
