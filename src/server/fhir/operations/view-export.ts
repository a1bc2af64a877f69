/**
 * $viewdefinition-export: the rows of views as files, later, as a job that the view-export kind carries out.
 * Source: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/OperationDefinition-ViewDefinitionExport.html
 */
import { fail, ok, type Issue } from "#platform/result.ts";
import { viewExportKind, type ViewExportJob } from "#research/views/view-export-job.ts";
import { readFormat } from "#research/views/view-format.ts";
import { acceptance } from "../async.ts";
import { viewExportStatus } from "../view-export-status.ts";
import type { Operation } from "./operation.ts";
import { readSelection, selectionInput, viewOf, viewSourceDocumentation } from "./view-parameters.ts";

const viewsMax = 100;

export const viewExport: Operation = {
  definition: {
    url: "http://sql-on-fhir.org/OperationDefinition/$viewdefinition-export", code: "viewdefinition-export", resource: ["ViewDefinition"], levels: ["system", "type"],
    affectsState: true, asynchronous: true, ownForm: true, documentation: viewSourceDocumentation,
    input: [...selectionInput(1000), { name: "clientTrackingId", type: "string" }, { name: "view", type: "part", min: 1, max: viewsMax }],
  },
  async run(call) {
    const { deps: { record, clock }, caller, given, prefer, base, here } = call;
    if (!/\brespond-async\b/.test(prefer)) return fail("value", "An export is answered later: send the header Prefer: respond-async");
    const format = readFormat(given.text("_format"));
    if (!format.ok) return format;
    const selection = await readSelection(call);
    if (!selection.ok) return selection;
    const views: { name: string; definition: unknown }[] = [];
    const issues: Issue[] = [];
    for (const [i, { part = [] }] of given.all.filter(({ name }) => name === "view").entries()) {
      const read = await viewOf(call, part, `view[${i}]: `);
      const name = part.find((one) => one.name === "name")?.valueString;
      if (read.ok) views.push({ name: name ?? read.value.view.name ?? `view${i + 1}`, definition: read.value.definition });
      // Which of several views are wrong is told at once.
      else issues.push(...read.failure.issues ?? [{ severity: "error" as const, code: read.failure.code, text: read.failure.text }]);
    }
    if (issues.length) return fail(issues.every(({ code }) => code === "not-found") ? "not-found" : "processing", issues[0]!.text, issues);
    const [clientTrackingId, header] = [given.text("clientTrackingId"), given.flag("header")];
    const job: ViewExportJob = {
      caller, url: here, format: format.value, ...selection.value, views,
      ...(clientTrackingId === undefined ? {} : { clientTrackingId }), ...(header === undefined ? {} : { header }),
    };
    const request = JSON.stringify(job);
    const id = await record.jobs.submit(caller, viewExportKind, request);
    if (!id.ok) return id;
    return ok({ status: 202, headers: acceptance(base, id.value).headers, text: viewExportStatus({ id: id.value, state: "waiting", request, created: clock.now().toISOString() }, base) });
  },
};
