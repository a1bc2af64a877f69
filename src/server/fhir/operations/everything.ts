/**
 * Patient/$everything and Encounter/$everything, in pages. On the type Patient: everybody within the caller's reach.
 * Source: https://hl7.org/fhir/R4/patient-operation-everything.html, encounter-operation-everything.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { EverythingPage } from "#record/record.ts";
import { searchBundle } from "../responses.ts";
import { hl7, type InputParameter, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";

const countMax = 1000;

const shared: readonly InputParameter[] = [{ name: "_since", type: "instant" }, { name: "_type", type: "code", max: 200 }, { name: "_count", type: "integer" }];

export const patientEverything: Operation = {
  definition: {
    url: hl7("Patient-everything"), code: "everything", resource: ["Patient"], levels: ["type", "instance"], affectsState: false, paged: true,
    input: [{ name: "start", type: "date" }, { name: "end", type: "date" }, ...shared],
  },
  run: (call) => everything(call, call.level === "type" ? undefined : call.id),
};

export const encounterEverything: Operation = {
  definition: { url: hl7("Encounter-everything"), code: "everything", resource: ["Encounter"], levels: ["instance"], affectsState: false, paged: true, input: shared },
  run: (call) => everything(call, { encounter: call.id }),
};

async function everything({ deps: { record }, caller, given, cursor, format, base, here }: OperationCall, of: string | { encounter: string } | undefined): Promise<Result<OperationAnswer>> {
  const [since, start, end, count = countMax] = [given.text("_since"), given.text("start"), given.text("end"), given.text("_count")];
  if (Number(count) < 1) return fail("value", `_count must be a whole number above 0, not "${count}"`);
  // A list in one value or a value for each: both are in use.
  const types = given.texts("_type").flatMap((text) => text.split(","));
  const asked: EverythingPage = {
    count: Math.min(countMax, Number(count)),
    ...(cursor === undefined ? {} : { cursor }), ...(since === undefined ? {} : { since }), ...(types.length ? { types } : {}), ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }),
  };
  const page = await record.everything(caller, of, asked);
  if (!page.ok) return page;
  if (cursor === undefined && page.value.next === undefined) page.value.total = page.value.entries.filter(({ mode }) => mode === "match").length;
  const words = Object.entries({ _count: asked.count, _since: since, _type: types.join(",") || undefined, start, end }).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  const at = (place: string | undefined, form = format): string => `${here}?${[...words, ...form, ...(place === undefined ? [] : [`_cursor=${encodeURIComponent(place)}`])].join("&")}`;
  return ok({ status: 200, text: searchBundle(base, { self: at(cursor, []), next: page.value.next && at(page.value.next) }, page.value) });
}
