/**
 * $meta, $meta-add, $meta-delete. Profiles, tags and labels are sets: a label's identity is system and code, a profile's
 * its url. A change makes no version; it leaves a leaf of its own in the ledger.
 * Source: https://hl7.org/fhir/R4/resource-operation-meta.html, -meta-add.html, -meta-delete.html
 */
import type { Coding, Meta } from "#fhir/resource.ts";
import { validateResource } from "#fhir/validate/validate.ts";
import { fail, type Result } from "#platform/result.ts";
import { answer, hl7, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";

export const meta: Operation = {
  definition: { url: hl7("Resource-meta"), code: "meta", resource: "any", levels: ["system", "type", "instance", "version"], affectsState: false, input: [] },
  async run({ deps: { record }, caller, level, type, id, version }) {
    if (level === "system" || level === "type") return answerMeta(await record.metaInUse(caller, level === "type" ? type : undefined));
    const found = version === undefined ? await record.read(caller, { type, id }) : await record.readVersion(caller, { type, id }, version);
    switch (found.kind) {
      case "current": return answerMeta((JSON.parse(found.stored.text) as { meta: Meta }).meta);
      case "deleted": return fail("deleted", `${type}/${id} was deleted.`);
      case "absent": return fail("not-found", `${type}/${id} is not known.`);
    }
  },
};

export const metaAdd: Operation = {
  definition: { url: hl7("Resource-meta-add"), code: "meta-add", resource: "any", levels: ["instance", "version"], affectsState: true, input: [{ name: "meta", type: "Meta", min: 1 }] },
  run: (call) => change(call, (own, given) => ({
    profile: [...new Set([...own.profile ?? [], ...given.profile ?? []])],
    security: [...own.security ?? [], ...without(given.security, own.security)], tag: [...own.tag ?? [], ...without(given.tag, own.tag)],
  })),
};

export const metaDelete: Operation = {
  definition: { url: hl7("Resource-meta-delete"), code: "meta-delete", resource: "any", levels: ["instance", "version"], affectsState: true, input: [{ name: "meta", type: "Meta", min: 1 }] },
  run: (call) => change(call, (own, given) => ({
    profile: (own.profile ?? []).filter((profile) => !given.profile?.includes(profile)),
    security: without(own.security, given.security), tag: without(own.tag, given.tag),
  })),
};

/** The definitions want one Meta, and FHIR knows none that is empty. */
const noMeta = { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "not-applicable" }] };

function answerMeta(value: Meta): Result<OperationAnswer> {
  return answer({ resourceType: "Parameters", parameter: [{ name: "return", valueMeta: Object.keys(value).length ? value : noMeta }] });
}

/** Each once, those of `other` left out; version and display do not count. */
function without(labels: readonly Coding[] = [], other: readonly Coding[] = []): Coding[] {
  const key = ({ system, code }: Coding): string => JSON.stringify([system, code]);
  const seen = new Set(other.map(key));
  return labels.filter((label) => !seen.has(key(label)) && seen.add(key(label)));
}

async function change({ deps: { record }, caller, type, id, version, parameters }: OperationCall, make: (own: Meta, given: Meta) => Meta): Promise<Result<OperationAnswer>> {
  const given = parameters.parameter!.find(({ name }) => name === "meta")!.valueMeta as Meta;
  // Read as the meta of any resource: what is no Meta is refused with its place.
  const faults = validateResource({ resourceType: "Basic", meta: given, code: { text: "meta" } }).filter(({ severity }) => severity === "error" || severity === "fatal");
  if (faults.length) return fail("structure", faults[0]!.text, faults);
  const done = await record.changeMeta(caller, { type, id }, version, (own) => make(own, given));
  return done.ok ? answerMeta(done.value) : done;
}
