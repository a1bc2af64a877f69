/** Pack `synthea`: every bundle is structurally sound R4 and keeps its content through the JSON door. */
import { soundFiles, type StructureCase } from "../structure/sound.ts";

export const pack = "synthea";

export function cases(dir: string): AsyncGenerator<StructureCase> {
  return soundFiles(dir, ["bundles", "shared"]);
}
