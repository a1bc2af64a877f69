/**
 * $viewdefinition-run: the rows of a view over the record, or over resources that are sent, streamed. Faults found
 * before the first bytes are ready are answered as such; a later one breaks the connection off, so that part of the
 * rows is never taken for all.
 * Source: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/OperationDefinition-ViewDefinitionRun.html
 */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { encoder } from "#fhir/views/output/encoder.ts";
import { parseDigits } from "#fhir/views/read.ts";
import type { Resource } from "#fhir/resource.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { runViews, ViewRows, type WritePieces } from "#research/views/run-views.ts";
import { contentTypes, readFormat } from "#research/views/view-format.ts";
import type { Operation, OperationAnswer, OperationCall, OperationDefinition } from "./operation.ts";
import { readSelection, selectionInput, viewOf, viewSourceDocumentation } from "./view-parameters.ts";

/** Runs over the record at one time: each holds a connection for as long as its client reads. */
const runsMax = 2;
/** A client that takes nothing for so long is given up. */
const stalledMs = 60_000;

const definition: Omit<OperationDefinition, "code" | "levels" | "resource"> = {
  url: "http://sql-on-fhir.org/OperationDefinition/$viewdefinition-run", affectsState: false, asynchronous: true, ownForm: true, documentation: viewSourceDocumentation,
  input: [
    { name: "viewReference", type: "Reference", inQuery: true }, { name: "viewResource", type: "Resource" }, ...selectionInput(1),
    { name: "_limit", type: "integer" }, { name: "resource", type: "Resource", max: 20_000 },
  ],
};

export const viewRun: Operation = { definition: { ...definition, code: "viewdefinition-run", resource: ["ViewDefinition"], levels: ["system", "type"] }, run };
/** Its name on the type. */
export const viewRunByType: Operation = { definition: { ...definition, code: "run", resource: ["ViewDefinition"], levels: ["type"] }, run };

let running = 0;

async function run(call: OperationCall): Promise<Result<OperationAnswer>> {
  const { given, deps: { record, clock }, caller } = call;
  const format = readFormat(given.text("_format"), call.accept);
  if (!format.ok) return format;
  const limit = given.has("_limit") ? given.count("_limit") : undefined;
  if (given.has("_limit") && !limit) return fail("value", "_limit: a number of rows, 1 or more");
  const read = await viewOf(call, given.all);
  if (!read.ok) return read;
  const { view } = read.value;
  const selection = await readSelection(call);
  if (!selection.ok) return selection;
  const inline = given.has("resource");
  if (inline && ["patient", "group", "_since"].some((name) => given.has(name))) return fail("not-supported", "patient, group and _since choose from the record; with resource, send the resources that are wanted");
  const rows = await encoder(format.value, view.columns, { header: given.flag("header") ?? true });
  if (!inline && running >= runsMax) return fail("throttled", `${runsMax} views run at this time; ask again when one has ended, or use $viewdefinition-export`);
  if (!inline) running++;
  const answer = await streamed(call.gone(), (write, signal) => {
    const output = new ViewRows(view, rows, write, limit);
    return inline ? runInline(output, call, signal) : runViews(record, caller, [output], { ...selection.value, at: clock.now().getTime() }, { signal });
  }, () => { if (!inline) running--; });
  return answer.ok ? ok({ status: 200, stream: answer.value, contentType: contentTypes[format.value] }) : answer;
}

/** The work starts, and is answered with once its first bytes are there: what fails before is a failure. */
async function streamed(gone: AbortSignal, work: (write: WritePieces, signal: AbortSignal) => Promise<Result<unknown>>, ended: () => void): Promise<Result<PassThrough>> {
  const out = new PassThrough({ highWaterMark: 1 << 18 });
  const abort = new AbortController();
  const stop = (): void => { abort.abort(); out.destroy(); };
  gone.addEventListener("abort", stop, { once: true });
  out.once("close", () => abort.abort()).on("error", () => {});
  const begun = Promise.withResolvers<Failure | undefined>();
  const write: WritePieces = async (pieces) => {
    for (const piece of pieces) {
      if (abort.signal.aborted) return;
      const room = out.write(piece);
      begun.resolve(undefined);
      // Gone or stalled: the signal ends the work.
      if (!room) await once(out, "drain", { signal: AbortSignal.any([abort.signal, AbortSignal.timeout(stalledMs)]) }).catch(stop);
    }
  };
  work(write, abort.signal).then((done) => {
    if (done.ok) { out.end(); begun.resolve(undefined); return; }
    begun.resolve(done.failure);
    out.destroy(new Error(done.failure.text));
  }, (error: unknown) => {
    begun.reject(error);
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  }).finally(ended);
  const failure = await begun.promise;
  return failure ? { ok: false, failure } : ok(out);
}

/** Resources beside the view in the request; those of another type make no rows. */
async function runInline(output: ViewRows, { given, body }: OperationCall, signal: AbortSignal): Promise<Result<void>> {
  const resources = output.view.digits && body ? (parseDigits(body.text) as { parameter: { name: string; resource: Resource }[] }).parameter.filter(({ name }) => name === "resource").map(({ resource }) => resource) : given.resources("resource");
  for (const resource of resources) {
    if (signal.aborted || output.full) break;
    const failure = output.add(resource);
    if (failure) return { ok: false, failure };
    await output.pass();
  }
  await output.finish();
  return ok(undefined);
}
