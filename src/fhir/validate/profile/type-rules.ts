/** What R4's text says of single datatypes, wherever they stand. */
import { isResourceType } from "../../definitions/load.ts";
import { parseUnit } from "../../ucum/parse.ts";
import { ambiguous, severalAnswer } from "../bundle/index.ts";
import { checkNarrativeLinks } from "../narrative-links.ts";
import { shown } from "../primitives.ts";
import type { ValueCheck } from "./invariants.ts";
import { isObject, tell, type Run } from "./run.ts";
import { exampleUrl } from "./settings.ts";

const ucum = "http://unitsofmeasure.org";
const markup = /<(?:[A-Za-z][\w:-]*(?:\s[^<>]*)?\/?|\/[A-Za-z][\w:-]*\s*|![A-Za-z-][^<>]*)>/;
const tagStart = /<\/?[A-Za-z]/;

/** "Text that looks like HTML": the specification leaves strings to be escaped by who shows them. */
const string: ValueCheck = (value, _twin, _type, run) => {
  if (typeof value === "string" && value.includes("<") && markup.test(value))
    tell(run, run.settings.htmlInStrings, "value", `contains what looks like an HTML tag; who shows it must escape it`);
};

const markdown: ValueCheck = (value, _twin, _type, run) => {
  const { htmlInMarkdown } = run.settings;
  if (htmlInMarkdown !== "accept" && typeof value === "string" && tagStart.test(value))
    tell(run, htmlInMarkdown, "value", "the markdown holds what looks like an HTML tag; write &lt; for < or leave it out");
};

const url: ValueCheck = (value, _twin, _type, run) => {
  if (typeof value !== "string") return;
  if (value.startsWith("urn:uuid:") && !/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:#.*)?$/.test(value)) tell(run, "error", "value", `${shown(value)} is no UUID; write 8-4-4-4-12 digits and small letters a to f`);
  else if (value.startsWith("urn:oid:") && !/^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/.test(value)) tell(run, "error", "value", `${shown(value)} is no OID; write it as urn:oid:1.2.3`);
  if (run.settings.exampleUrls === "refuse" && exampleUrl.test(value)) tell(run, "error", "value", `${shown(value)} is an example, which is not allowed here`);
};

/** Size states the bytes of data (https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size). */
const attachment: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.size !== "number" || typeof value.data !== "string") return;
  const symbols = value.data.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(symbols) || symbols.length % 4 !== 0) return;
  const bytes = symbols.length / 4 * 3 - (symbols.endsWith("==") ? 2 : symbols.endsWith("=") ? 1 : 0);
  if (bytes !== value.size) tell(run, "error", "value", `size states ${value.size} bytes, data holds ${bytes}; correct the size`);
};

const quantity: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || value.system !== ucum || typeof value.code !== "string") return;
  const unit = parseUnit(value.code);
  if (!unit.ok) tell(run, "error", "code-invalid", unit.failure.text, "code");
};

const restUrl = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

const reference: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.reference !== "string") return;
  const { reference: text } = value;
  const named = run.settings.restReferences ? restUrl.exec(text)?.[1] : undefined;
  if (named !== undefined && !isResourceType(named)) tell(run, "error", "value", `${shown(text)} names "${named}", which is no R4 resource type`);
  checkInBundle(text, run);
};

function checkInBundle(text: string, run: Run): void {
  const { bundle } = run;
  if (!bundle || text.startsWith("#") || !bundle.entryOf(run.root)) return;
  const found = bundle.matches(text, run.root);
  if (ambiguous(found)) tell(run, "error", "multiple-matches", severalAnswer(found, text));
  else if (found.length === 0) {
    if (text.startsWith("urn:")) tell(run, "warning", "not-found", `${shown(text)} is no entry of the Bundle`);
    else if (bundle.sameKey(text).length > 0) tell(run, "warning", "not-found", `${shown(text)} has the type and id of an entry whose fullUrl is another; make the fullUrl fit, or refer to it by fullUrl`);
  }
}

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S*$/;

/** Identifier.system is a namespace; that of URIs themselves has URIs for values (https://hl7.org/fhir/R4/datatypes.html#identifier). */
const identifier: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.system !== "string") return;
  if (!absolute.test(value.system)) tell(run, "error", "code-invalid", `the system ${shown(value.system)} is relative; write an absolute URI`);
  else if (value.system === "urn:ietf:rfc:3986" && typeof value.value === "string" && !absolute.test(value.value)) tell(run, "error", "value", `${shown(value.value)} is no URI, which the system urn:ietf:rfc:3986 asks for; begin it with a scheme such as urn:uuid:`, "value");
};

/** Coding.system names a code system (https://hl7.org/fhir/R4/datatypes.html#Coding). */
const coding: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.system !== "string") return;
  if (!absolute.test(value.system)) tell(run, "error", "code-invalid", `the system ${shown(value.system)} is relative; write an absolute URI`);
  else if (value.system.includes("/ValueSet/")) tell(run, "error", "code-invalid", `${shown(value.system)} is a value set; write the code system its code is from`);
};

export const typeRules: Readonly<Record<string, readonly ValueCheck[]>> = {
  string: [string], markdown: [markdown], uri: [url], url: [url], canonical: [url],
  Attachment: [attachment], Quantity: [quantity], Age: [quantity], Count: [quantity], Distance: [quantity], Duration: [quantity],
  Reference: [reference], Narrative: [checkNarrativeLinks], Identifier: [identifier], Coding: [coding],
};
