/** What a job of a FHIR request answers in `Job.result`: which files it wrote, for the manifest of https://hl7.org/fhir/R4/async.html */
export type ManifestFile = { type: string; /** Number of the output. */ file: number; /** Resources in it. */ count?: number; /** Of an import: whose lines it speaks of. */ inputUrl?: string; /** Where it is not NDJSON of resources. */ contentType?: string; /** Of bytes: each part is base64. */ encoding?: "base64" };

export type Manifest = {
  transactionTime: string;
  /** Address that was asked. */
  request: string;
  output: readonly ManifestFile[];
  error: readonly ManifestFile[];
  /** Of an export: Bundles of the deletions since. */
  deleted?: readonly ManifestFile[];
  extension?: Readonly<Record<string, unknown>>;
};
