/**
 * Bulk export, $export: of everything, of all patients, of a Group's; begins a job and answers where to ask for it.
 * Source: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
 */
import { exportKind, type ExportJob } from "#exchange/bulk/export-job.ts";
import { readExportRequest } from "#exchange/bulk/export-request.ts";
import type { Resource } from "#fhir/resource.ts";
import { membersOf, type ExportScope } from "#record/export/export.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { accepted, type InputParameter, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";

const input: readonly InputParameter[] = [
  { name: "_outputFormat", type: "string" }, { name: "_since", type: "instant" }, { name: "_type", type: "string", max: 200 },
  { name: "_typeFilter", type: "string", max: 100 }, { name: "_elements", type: "string", max: 200 }, { name: "includeAssociatedData", type: "string", max: 20 },
];
const patients: InputParameter = { name: "patient", type: "Reference", max: 10_000 };
const definition = (name: string) => ({ url: `http://hl7.org/fhir/uv/bulkdata/OperationDefinition/${name}`, code: "export", affectsState: false, asynchronous: true as const });

export const systemExport: Operation = { definition: { ...definition("export"), resource: [], levels: ["system"], input }, run: begin };
export const patientExport: Operation = { definition: { ...definition("patient-export"), resource: ["Patient"], levels: ["type"], input: [...input, patients] }, run: begin };
export const groupExport: Operation = { definition: { ...definition("group-export"), resource: ["Group"], levels: ["instance"], input: [...input, patients] }, run: begin };

async function begin(call: OperationCall): Promise<Result<OperationAnswer>> {
  const { deps: { record }, caller, given, prefer, base, here } = call;
  if (!/\brespond-async\b/.test(prefer)) return fail("value", "An export is answered later: send the header Prefer: respond-async");
  if (given.has("includeAssociatedData")) return fail("not-supported", "includeAssociatedData is not supported; ask for the types you need with _type");
  const scope = await scopeOf(call);
  if (!scope.ok) return scope;
  const [outputFormat, since] = [given.text("_outputFormat"), given.text("_since")];
  const request = await readExportRequest({
    scope: scope.value, types: given.texts("_type"), filters: given.texts("_typeFilter"), elements: given.texts("_elements"),
    ...(outputFormat === undefined ? {} : { outputFormat }), ...(since === undefined ? {} : { since }),
  }, (type, query) => record.readQuery(type, query));
  if (!request.ok) return request;
  const words = given.all.flatMap((one) => Object.entries(one).filter(([name, value]) => name.startsWith("value") && typeof value !== "object").map(([, value]) => `${one.name}=${encodeURIComponent(String(value))}`));
  const job: ExportJob = { caller, url: words.length ? `${here}?${words.join("&")}` : here, request: request.value };
  const id = await record.jobs.submit(caller, exportKind, JSON.stringify(job));
  return id.ok ? accepted(base, id.value) : id;
}

async function scopeOf({ deps: { record }, caller, level, id, given }: OperationCall): Promise<Result<ExportScope>> {
  if (level === "system") return ok({ level: "system" });
  const named = given.all.filter(({ name }) => name === "patient").map((one) => /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(String((one.valueReference as { reference?: unknown } | undefined)?.reference))?.[1]);
  if (named.includes(undefined)) return fail("value", "patient: each is a reference such as Patient/123");
  if (level === "type") return ok(named.length ? { level: "group", patients: named as string[] } : { level: "patient" });
  const read = await record.read(caller, { type: "Group", id });
  if (read.kind !== "current") return fail(read.kind === "deleted" ? "deleted" : "not-found", `Group/${id} is not known`);
  const members = membersOf(JSON.parse(read.stored.text) as Resource);
  const stranger = named.find((one) => !members.includes(one!));
  if (stranger !== undefined) return fail("value", `patient: Patient/${stranger} is no member of Group/${id}`);
  return ok({ level: "group", patients: named.length ? named as string[] : members });
}
