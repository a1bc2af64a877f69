/**
 * In which format rows are sent: `_format` goes before Accept; rows as NDJSON where neither says.
 * Source: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/operations-run.html
 */
import { formats, type Format } from "#fhir/views/output/encoder.ts";
import { fail, ok, type Result } from "#platform/result.ts";

export const contentTypes: Readonly<Record<Format, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8", json: "application/json; charset=utf-8", csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet", arrow: "application/vnd.apache.arrow.file",
};

const named: Readonly<Record<string, Format | undefined>> = {
  __proto__: null as never,
  ...Object.fromEntries(formats.map((format) => [format, format])),
  ...Object.fromEntries(formats.map((format) => [contentTypes[format].split(";")[0]!, format])),
  "application/ndjson": "ndjson", "application/fhir+ndjson": "ndjson", "application/octet-stream": "parquet",
};

/** `accept`: the header, "" for none. */
export function readFormat(format: string | undefined, accept = ""): Result<Format> {
  if (format !== undefined) {
    const found = named[format.split(";")[0]!.trim().toLowerCase().replace(" ", "+")];
    return found ? ok(found) : fail("not-supported", `_format: "${format.slice(0, 64)}" is not written; ${formats.join(", ")} are`);
  }
  const wanted = accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((word) => word.trim().toLowerCase());
    const q = parameters.find((word) => word.startsWith("q="));
    return { format: named[type], quality: q === undefined ? 1 : Number(q.slice(2)) || 0 };
  }).filter(({ format: found, quality }) => found !== undefined && quality > 0);
  return ok(wanted.reduce<(typeof wanted)[number] | undefined>((best, one) => best && best.quality >= one.quality ? best : one, undefined)?.format ?? "ndjson");
}
