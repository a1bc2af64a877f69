/**
 * The tables of the mirror: a view each. These are there always; a ViewDefinition in `mirror/views/` of the node's
 * folder adds a table, or takes the place of the one of its name.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileView, type View } from "#fhir/views/compile.ts";
import { fail, ok, type Result } from "#platform/result.ts";

/** `definition`: as JSON text; what decides whether a mirror is still of these views. */
export type MirrorView = { name: string; view: View; definition: string };

type Columns = Readonly<Record<string, string>>;

const coded = (path: string): Columns => ({ code: `${path}.coding.code.first()`, code_system: `${path}.coding.system.first()`, code_text: `iif(${path}.text.exists(), ${path}.text, ${path}.coding.display.first())` });

const standard: Readonly<Record<string, Columns>> = {
  Patient: { gender: "gender", birth_date: "birthDate", deceased: "deceased.ofType(boolean)", deceased_at: "deceased.ofType(dateTime)", managing_organization: "managingOrganization.getReferenceKey(Organization)", active: "active" },
  Encounter: { patient: "subject.getReferenceKey(Patient)", status: "status", class: "class.code", type: "type.coding.code.first()", start: "period.start", end: "period.end" },
  Condition: { patient: "subject.getReferenceKey(Patient)", encounter: "encounter.getReferenceKey(Encounter)", ...coded("code"), clinical_status: "clinicalStatus.coding.code.first()", onset: "onset.ofType(dateTime)", recorded: "recordedDate" },
  Observation: { patient: "subject.getReferenceKey(Patient)", encounter: "encounter.getReferenceKey(Encounter)", status: "status", category: "category.coding.code.first()", ...coded("code"), effective: "iif(effective.ofType(dateTime).exists(), effective.ofType(dateTime), effective.ofType(Period).start)", value: "value.ofType(Quantity).value", unit: "value.ofType(Quantity).unit", value_code: "value.ofType(CodeableConcept).coding.code.first()", value_text: "value.ofType(string)" },
  Procedure: { patient: "subject.getReferenceKey(Patient)", encounter: "encounter.getReferenceKey(Encounter)", status: "status", ...coded("code"), performed: "iif(performed.ofType(dateTime).exists(), performed.ofType(dateTime), performed.ofType(Period).start)" },
  MedicationRequest: { patient: "subject.getReferenceKey(Patient)", encounter: "encounter.getReferenceKey(Encounter)", status: "status", intent: "intent", ...coded("medication.ofType(CodeableConcept)"), authored: "authoredOn" },
  DiagnosticReport: { patient: "subject.getReferenceKey(Patient)", encounter: "encounter.getReferenceKey(Encounter)", status: "status", ...coded("code"), issued: "issued" },
  Immunization: { patient: "patient.getReferenceKey(Patient)", status: "status", ...coded("vaccineCode"), occurred: "occurrence.ofType(dateTime)" },
};

const nameForm = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const ownMax = 100;
/** "salus_…" is the mirror's own. */
const reserved = /^salus_/i;

function snake(type: string): string {
  return type.replaceAll(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
}

export function standardViews(): MirrorView[] {
  return Object.entries(standard).map(([resource, columns]) => {
    const definition = { resourceType: "ViewDefinition", status: "active", name: snake(resource), resource, select: [{ column: [{ name: "id", path: "getResourceKey()" }, ...Object.entries(columns).map(([name, path]) => ({ name, path }))] }] };
    const compiled = compileView(definition);
    if (!compiled.ok) throw new Error(`${resource}: ${compiled.failure.text}`);
    return { name: definition.name, view: compiled.value, definition: JSON.stringify(definition) };
  });
}

/** With those of `folder`; a fault names the file and the place. */
export async function mirrorViews(folder: string): Promise<Result<MirrorView[]>> {
  const views = new Map(standardViews().map((one) => [one.name, one]));
  const files = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith(".json")).sort();
  if (files.length > ownMax) return fail("too-costly", `${folder} holds ${files.length} views; at most ${ownMax} are mirrored`);
  for (const file of files) {
    let json: unknown;
    try {
      json = JSON.parse(await readFile(join(folder, file), "utf8"));
    } catch (error) {
      return fail("invalid", `${file} is not JSON: ${(error as Error).message}`);
    }
    const compiled = compileView(json);
    if (!compiled.ok) return fail("processing", `${file}: ${(compiled.failure.issues ?? []).map(({ expression, text }) => `${expression}: ${text}`).join("; ") || compiled.failure.text}`);
    const { name = "" } = compiled.value;
    if (!nameForm.test(name) || reserved.test(name)) return fail("value", `${file}: the view needs a name that a table can have (letters, digits, "_", not salus_…), found "${name.slice(0, 64)}"`);
    views.set(name, { name, view: compiled.value, definition: JSON.stringify(json) });
  }
  return ok([...views.values()]);
}
