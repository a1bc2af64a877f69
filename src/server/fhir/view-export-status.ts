/**
 * How an export of views stands, as Parameters.
 * Source: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/OperationDefinition-ViewDefinitionExport.html
 */
import type { Job } from "#record/jobs/jobs.ts";
import type { Manifest } from "#record/jobs/manifest.ts";
import type { ViewExportJob } from "#research/views/view-export-job.ts";

/** JSON text; `accepted` of a job that was submitted just now. */
export function viewExportStatus({ id, state, request, created, ended, result }: Pick<Job, "id" | "state" | "request" | "created" | "ended" | "result">, base: string): string {
  const { clientTrackingId, format, views } = JSON.parse(request) as ViewExportJob;
  const at = `${base}/_jobs/${id}`;
  const parameter: object[] = [
    { name: "exportId", valueString: id },
    ...(clientTrackingId === undefined ? [] : [{ name: "clientTrackingId", valueString: clientTrackingId }]),
    { name: "status", valueCode: statusCode(state) },
    { name: "location", valueUri: at }, { name: "cancelUrl", valueUri: at },
    { name: "_format", valueCode: format }, { name: "exportStartTime", valueInstant: created },
  ];
  if (state === "done") {
    const { output } = JSON.parse(result!) as Manifest;
    parameter.push(
      { name: "exportEndTime", valueInstant: ended }, { name: "exportDuration", valueInteger: Math.round((Date.parse(ended!) - Date.parse(created)) / 1000) },
      ...output.map(({ file }, i) => ({ name: "output", part: [{ name: "name", valueString: views[i]!.name }, { name: "location", valueUri: `${at}/${file}` }] })),
    );
  }
  return JSON.stringify({ resourceType: "Parameters", parameter });
}

function statusCode(state: Job["state"]): string {
  switch (state) {
    case "waiting": return "accepted";
    case "running": return "in-progress";
    case "done": return "completed";
    case "failed": case "cancelled": return state;
  }
}
