/**
 * XML Patch on the logical model: the resource is patched as its XML would be, whichever form it came in. All
 * operations or none. Narratives and numbers that it does not touch stay as they were written; elements are put
 * into the definition's order afterwards, as FHIR's XML demands. The result is still to be validated by the caller.
 * Source: RFC 5261, https://hl7.org/fhir/R4/http.html#patch
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { jsonFromXml } from "../../xml/from-xml.ts";
import { inOrder } from "../../xml/order.ts";
import { faultOf, fhirNamespace, XmlFault, xmlText } from "../../xml/reader.ts";
import { xmlFromJson } from "../../xml/to-xml.ts";
import { printElement, readElement, type XmlElement } from "../../xml/tree.ts";
import { add } from "./add.ts";
import { remove } from "./remove.ts";
import { replace } from "./replace.ts";
import { select, type Branch, type Namespaces } from "./select.ts";

export const operationsMax = 1_000;

/** JSON text of a resource patched by the text of an XML Patch. */
export function xmlPatchText(resource: string, patch: string | Uint8Array): Result<string> {
  const xml = xmlFromJson(resource);
  if (!xml.ok) return xml;
  const read = xmlText(patch);
  if (!read.ok) return read;
  try {
    const patched = applyXmlPatch(readElement(xml.value, { keep: true }), readElement(read.value, { keep: true }));
    if (!patched.ok) return patched;
    inOrder(patched.value);
    const json = jsonFromXml(printElement(patched.value));
    return json.ok ? json : fail(json.failure.code, `The patched resource is no FHIR any more: ${json.failure.text}`);
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault;
    return faultOf(read.value, fault);
  }
}

/** Changes `target` (any XML) and answers its root, which a patch may have replaced. After a failure it is of no more use. */
export function applyXmlPatch(target: XmlElement | undefined, patch: XmlElement): Result<XmlElement> {
  if (!target) return fail("required", "There is no document to patch");
  const operations = patch.children.filter(child => child.kind === "element");
  if (operations.length === 0) return fail("required", "The XML Patch has no operation: add, replace or remove");
  if (operations.length > operationsMax) return fail("too-costly", `The patch has ${operations.length} operations; at most ${operationsMax} are taken here`);
  const document: Branch = { children: [target] };
  const outer = new Map([["f", fhirNamespace], ["", patch.namespace], ...patch.declared]);
  for (const [index, operation] of operations.entries()) {
    const done = apply(document, operation, new Map([...outer, ...operation.declared]));
    if (!done.ok) {
      const selector = operation.attributes.find(({ name }) => name === "sel")?.value;
      return fail(done.failure.code, `XML Patch operation [${index}] (${operation.local}${selector === undefined ? "" : ` ${JSON.stringify(selector.slice(0, 200))}`}): ${done.failure.text}`);
    }
  }
  return ok(document.children.find(child => child.kind === "element")!);
}

function apply(document: Branch, operation: XmlElement, namespaces: Namespaces): Result<void> {
  const attributes = new Map(operation.attributes.map(({ name, value }) => [name, value]));
  const selector = attributes.get("sel");
  if (!["add", "replace", "remove"].includes(operation.local)) return fail("value", "an operation is add, replace or remove");
  if (selector === undefined) return fail("required", '"sel" is missing: where to do it');
  const found = select(document, selector, namespaces);
  if (!found.ok) return found;
  if (found.value.length === 0) return fail("not-found", "the selector finds nothing");
  if (found.value.length > 1) return fail("multiple-matches", `the selector finds ${found.value.length} nodes; it must find one`);
  const [selected] = found.value;
  switch (operation.local) {
    case "add": return add(operation, selected!, attributes, namespaces);
    case "replace": return replace(operation, selected!);
    default: return remove(selected!, attributes);
  }
}
