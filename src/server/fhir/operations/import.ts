/**
 * $import of NDJSON: from addresses, later, as a job; or the lines themselves as the body, at once. Resources keep
 * their types and ids; importing again adds nothing. For administrators.
 */
import { importKind, type ImportInput, type ImportJob } from "#exchange/bulk/import-job.ts";
import { importLines, rejectionIssue } from "#exchange/bulk/import-lines.ts";
import { sourceOf } from "#exchange/bulk/sources.ts";
import type { Rejected } from "#exchange/import/import.ts";
import { base as ownCanonicals } from "#findings/canonical.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { ParameterReader } from "#fhir/terminology/parameters.ts";
import { fail, type Result } from "#platform/result.ts";
import { accepted, answer, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";

const formats = new Set(["application/fhir+ndjson", "application/ndjson", "ndjson"]);
const inputsMax = 1000;
/** Of the body's lines, so many faults are told one by one. */
const faultsMax = 1000;

export const bulkImport: Operation = {
  definition: {
    url: `${ownCanonicals}/OperationDefinition/Import`, code: "import", resource: [], levels: ["system"], affectsState: true, asynchronous: true, takesLines: true,
    input: [{ name: "inputFormat", type: "code" }, { name: "inputSource", type: "uri" }, { name: "storageDetail", type: "part" }, { name: "mode", type: "string" }, { name: "input", type: "part", max: inputsMax }],
  },
  async run(call) {
    const { caller, lines } = call;
    if (caller.filter.kind !== "all") return fail("forbidden", "Importing is an administrator's to do");
    return lines ? await fromBody(call, lines) : await fromAddresses(call);
  },
};

async function fromAddresses({ deps: { record, importFrom = [] }, caller, given, prefer, base, here }: OperationCall): Promise<Result<OperationAnswer>> {
  if (!/\brespond-async\b/.test(prefer)) return fail("value", "An import from addresses is answered later: send the header Prefer: respond-async; or send the lines themselves as application/fhir+ndjson");
  const [format, mode] = [given.text("inputFormat"), given.text("mode")];
  if (format !== undefined && !formats.has(format)) return fail("not-supported", `inputFormat: "${format.slice(0, 64)}" is not read; application/fhir+ndjson is`);
  if (mode !== undefined && mode !== "IncrementalLoad" && mode !== "InitialLoad") return fail("not-supported", `mode: "${mode.slice(0, 64)}" is not known; IncrementalLoad is what is done`);
  const inputs: ImportInput[] = [];
  for (const [i, one] of given.all.filter(({ name }) => name === "input").entries()) {
    const parts = new ParameterReader({ parameter: one.part ?? [] });
    const [url, type] = [parts.text("url"), parts.text("type")];
    if (url === undefined) return fail("required", `input[${i}] needs the part url`);
    if (type !== undefined && !isResourceType(type)) return fail("value", `input[${i}]: there is no resource type "${type.slice(0, 64)}" in FHIR R4`);
    const source = sourceOf(url, importFrom);
    if (!source.ok) return fail(source.failure.code, `input[${i}]: ${source.failure.text}`);
    inputs.push({ url, ...(type === undefined ? {} : { type }) });
  }
  if (!inputs.length) return fail("required", "Name at least one input, with the part url; or send the lines themselves as application/fhir+ndjson");
  const id = await record.jobs.submit(caller, importKind, JSON.stringify({ caller, url: here, inputs } satisfies ImportJob));
  return id.ok ? accepted(base, id.value) : id;
}

async function fromBody({ deps: { record }, caller }: OperationCall, lines: AsyncIterable<Buffer>): Promise<Result<OperationAnswer>> {
  const faults: Rejected[] = [];
  const { read, created, updated, unchanged, rejected } = await record.importing(caller, (stream) => importLines(stream, { name: "body", bytes: lines }, { rejected: (entry) => { if (faults.length < faultsMax) faults.push(entry); } }));
  const issue = faults.map(rejectionIssue);
  return answer({ resourceType: "Parameters", parameter: [
    ...Object.entries({ read, created, updated, unchanged, rejected }).map(([name, valueInteger]) => ({ name, valueInteger })),
    ...(issue.length ? [{ name: "outcome", resource: { resourceType: "OperationOutcome", issue } }] : []),
  ] });
}
