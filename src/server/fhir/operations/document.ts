/**
 * Composition/$document: the Composition and every resource it refers to, as a Bundle of type document. What it refers
 * to and the caller may not read is left out like what is not there. With `persist` the Bundle is stored.
 * Source: https://hl7.org/fhir/R4/composition-operation-document.html
 */
import { randomUUID } from "node:crypto";
import { rewriteReferences } from "#fhir/json/references.ts";
import { parseReference, type ResourceKey } from "#fhir/resource.ts";
import { fail, ok } from "#platform/result.ts";
import { hl7, type Operation } from "./operation.ts";

const resourcesMax = 5000;

export const document: Operation = {
  definition: {
    url: hl7("Composition-document"), code: "document", resource: ["Composition"], levels: ["type", "instance"], affectsState: false,
    input: [{ name: "id", type: "uri" }, { name: "persist", type: "boolean" }, { name: "graph", type: "uri" }],
  },
  async run({ deps: { record, clock }, caller, level, id, given, base }) {
    if (given.has("graph")) return fail("not-supported", "graph is not supported: the document holds what the Composition refers to");
    const named = given.text("id");
    const key = level === "instance" ? { type: "Composition", id } : named === undefined ? undefined : parseReference(named.includes("/") ? named : `Composition/${named}`);
    if (key?.type !== "Composition") return fail("required", "$document on the type needs id: the id or address of a Composition");
    const composition = await record.read(caller, { type: "Composition", id: key.id });
    switch (composition.kind) {
      case "deleted": return fail("deleted", `Composition/${key.id} was deleted.`);
      case "absent": return fail("not-found", `Composition/${key.id} is not known.`);
      case "current":
    }
    const { text } = composition.stored;
    const targets = referencesOf(text, base);
    if (targets.length > resourcesMax) return fail("too-costly", `The Composition refers to ${targets.length} resources; a document takes ${resourcesMax}`);
    const entries = [`{"fullUrl":"${base}/Composition/${key.id}","resource":${text}}`];
    for (const { type, id: own } of targets) {
      const found = await record.read(caller, { type, id: own });
      if (found.kind === "current") entries.push(`{"fullUrl":"${base}/${type}/${own}","resource":${found.stored.text}}`);
    }
    const bundle = `{"resourceType":"Bundle","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:${randomUUID()}"},"type":"document","timestamp":"${clock.now().toISOString()}","entry":[${entries.join(",")}]}`;
    if (given.flag("persist") !== true) return ok({ status: 200, text: bundle });
    const done = await record.commit(caller, [{ kind: "create", type: "Bundle", text: bundle }]);
    if (!done.ok) return done;
    const [stored] = done.value;
    return ok({ status: 200, text: stored!.text!, headers: { location: `${base}/Bundle/${stored!.id}/_history/${stored!.version}` } });
  },
};

/** Local resources named anywhere in it, each once, in order. */
function referencesOf(text: string, base: string): ResourceKey[] {
  const found = new Map<string, ResourceKey>();
  rewriteReferences(text, (link) => {
    const key = link.includes("://") && !link.startsWith(`${base}/`) ? undefined : parseReference(link);
    if (key) found.set(`${key.type}/${key.id}`, { type: key.type, id: key.id });
    return undefined;
  });
  return [...found.values()];
}
