/** What a folder, a .zip or a file holds, told by its files, as a release to load. */
import { fail, ok, type Result } from "#platform/result.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { clamlRelease } from "./claml.ts";
import { codeSystemRelease } from "./code-system.ts";
import { ReleaseFault } from "./fault.ts";
import { fileName, pieces, releaseFiles, type ReleaseFile } from "./files.ts";
import { icd10CmRelease, isIcd10CmRelease } from "./icd10cm.ts";
import { isLoincRelease, loincRelease } from "./loinc.ts";
import { isRxNormRelease, rxNormRelease } from "./rxnorm.ts";
import { isSnomedRelease, snomedRelease } from "./snomed.ts";

/** `onBytes`: bytes read of all files so far; some files are read twice. */
export type ReleaseOptions = { system?: string; version?: string; onBytes?: (done: number) => void };
export type OpenedRelease = Release & { /** Of the files, unpacked. */ bytes: number };

export async function openRelease(path: string, options: ReleaseOptions = {}): Promise<Result<OpenedRelease>> {
  try {
    let done = 0;
    const files = (await releaseFiles(path)).map((file): ReleaseFile => ({ ...file, chunks: () => counted(file, (bytes) => options.onBytes?.(done += bytes)) }));
    const release = await told(files, path, options);
    if (options.system !== undefined && options.system !== release.system) throw new ReleaseFault(path, undefined, `this is ${release.form} (${release.system}), not ${options.system}`);
    return ok({ ...release, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), rows: () => guarded(release) });
  } catch (error) {
    return failed(error);
  }
}

async function told(files: readonly ReleaseFile[], path: string, options: ReleaseOptions): Promise<Release> {
  if (isSnomedRelease(files)) return await snomedRelease(files, options);
  if (isLoincRelease(files)) return loincRelease(files, path, options);
  if (isRxNormRelease(files)) return rxNormRelease(files, path, options);
  if (isIcd10CmRelease(files)) return icd10CmRelease(files, options);
  for (const file of files) if (/\.xml$/i.test(file.name) && /<ClaML[\s>]/.test(await beginning(file))) return await clamlRelease(file, options);
  const resources: ReleaseFile[] = [];
  for (const file of files) if (/\.(nd)?json$/i.test(file.name) && /"resourceType"\s*:\s*"CodeSystem"/.test(await beginning(file))) resources.push(file);
  if (resources.length > 1) throw new ReleaseFault(path, undefined, `there are several CodeSystems (${resources.slice(0, 5).map(fileName).join(", ")}); name one file`);
  if (resources.length === 1) return await codeSystemRelease(resources[0]!, options);
  throw new ReleaseFault(path, undefined, "no known release: SNOMED CT RF2 (sct2_Concept_Snapshot…), LOINC (Loinc.csv), RxNorm (RXNCONSO.RRF), ICD-10-CM (icd10cm-order-…txt, icd10cm-tabular-…xml), ClaML (.xml), or a FHIR CodeSystem (.json, .ndjson)");
}

async function beginning(file: ReleaseFile): Promise<string> {
  let text = "";
  for await (const piece of pieces(file)) {
    text += piece;
    if (text.length > 65_536) break;
  }
  return text;
}

async function* counted(file: ReleaseFile, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of file.chunks()) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function* guarded(release: Release): AsyncGenerator<Result<readonly EditionRow[]>> {
  try {
    yield* release.rows();
  } catch (error) {
    yield failed(error);
  }
}

function failed(error: unknown): ReturnType<typeof fail> {
  if (error instanceof ReleaseFault) return fail("invalid", error.message);
  if (error instanceof Error && "code" in error && typeof error.code === "string" && "path" in error) return fail("invalid", `${String(error.path)} cannot be read (${error.code})`);
  throw error;
}
