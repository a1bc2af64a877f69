/** Pack `ips`: every example is structurally sound base R4 and keeps its content through the JSON door. */
import { soundFiles, type StructureCase } from "../structure/sound.ts";

export const pack = "ips";

export function cases(dir: string): AsyncGenerator<StructureCase> {
  return soundFiles(dir, ["examples"]);
}
