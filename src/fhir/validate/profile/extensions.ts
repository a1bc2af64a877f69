/**
 * Extensions: the definition their url names, where it may stand, whether it is a modifier, and what it holds. An
 * extension inside a complex one has a name, not a url; the outer definition says what it holds.
 * Source: https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import { isSubtype, typeDefinition } from "../../definitions/load.ts";
import { compile } from "../../fhirpath/compile.ts";
import { Node } from "../../fhirpath/values.ts";
import type { ExtensionContext, Structure } from "../../profiles/structure.ts";
import type { Resource } from "../../resource.ts";
import type { Container } from "../context.ts";
import { checkNarrativeLink, narrativeLinkUrl } from "../narrative-links.ts";
import { shown } from "../primitives.ts";
import { environmentOf, isObject, tell, type Run } from "./run.ts";
import { exampleUrl } from "./settings.ts";

/** Reports at the extension where the run stands. */
export function checkExtension(extension: Container, modifier: boolean, holder: Container, run: Run): void {
  const { url } = extension;
  const inside = run.elementType === "Extension";
  if (typeof url === "string" && url !== "") checkUrl(extension, url, modifier, inside, holder, run);
  const outer = run.elementPath, outerType = run.elementType, outerUrl = run.extensionUrl;
  run.elementPath = "Extension";
  run.elementType = "Extension";
  run.extensionUrl = typeof url === "string" ? url : undefined;
  run.definitions.base("Extension").walk(extension, run);
  run.elementPath = outer;
  run.elementType = outerType;
  run.extensionUrl = outerUrl;
}

function checkUrl(extension: Container, url: string, modifier: boolean, inside: boolean, holder: Container, run: Run): void {
  const { definitions, settings } = run;
  const bar = url.indexOf("|");
  const structure = definitions.registry.structure(bar < 0 ? url : url.slice(0, bar));
  if (bar >= 0) tell(run, "error", "value", `the url of an extension carries no version; write ${shown(url.slice(0, bar))}`);
  if (!structure) {
    if (inside && !/^[a-z][a-z0-9+.-]*:/i.test(url)) return checkPart(url, run);
    if (settings.exampleUrls === "accept" && exampleUrl.test(url)) return; // refused as every url is, in type-rules.ts
    if (settings.unknownExtensions === "ignore" || settings.extensionDomains.some((domain) => url.startsWith(domain))) return;
    return tell(run, settings.unknownExtensions, "structure", `the extension ${shown(url)} is not known here; load the package that defines it`);
  }
  if (structure.type !== "Extension") return tell(run, "error", "structure", `${shown(url)} defines a ${structure.type}, no extension`);
  const isModifier = structure.snapshot?.[0]?.modifier === true || structure.differential?.some(({ path, modifier: own }) => path === "Extension" && own === true) === true;
  if (isModifier !== modifier) tell(run, "error", "structure", isModifier ? `${shown(url)} changes the meaning of what holds it; it belongs in modifierExtension` : `${shown(url)} is no modifier; it belongs in extension`);
  if (!mayStand(structure, extension, run))
    tell(run, "error", "structure", `${shown(url)} is not allowed on ${run.elementPath}; it may stand on ${structure.context!.map(({ expression }) => expression).join(", ")}`);
  if (structure.url === narrativeLinkUrl) checkNarrativeLink(extension, run);
  for (const text of structure.contextInvariants ?? []) checkContextInvariant(text, extension, holder, run);
  definitions.checkAgainst({ value: extension, twin: undefined, type: "Extension", position: -1 }, structure.url, run);
}

/** A condition on what holds the extension, which is %extension there. */
function checkContextInvariant(text: string, extension: Container, holder: Container, run: Run): void {
  const compiled = compile(text);
  if (!compiled.ok) return tell(run, "warning", "processing", `a condition on where it may stand is not checked: ${compiled.failure.text}`);
  const environment = { ...environmentOf(run), variables: { extension: [new Node(extension, "Extension")] } };
  if (!compiled.value.holds(new Node(holder, run.elementType), environment)) tell(run, "error", "invariant", `may stand only where ${text}`);
}

/** A part of a complex extension is one that its definition names. */
function checkPart(name: string, run: Run): void {
  const { definitions, extensionUrl } = run;
  const outer = extensionUrl === undefined ? undefined : definitions.registry.structure(extensionUrl);
  if (!outer || extensionUrl !== outer.url) return; // deeper, or a definition that is not here
  const tree = definitions.registry.tree(outer.url);
  const parts = tree.ok ? [...tree.value.children?.get("extension")?.slices?.values() ?? []].map((slice) => definitions.childrenOf(slice)?.get("url")?.element.fixed?.value) : undefined;
  if (parts && !parts.includes(name)) tell(run, "error", "structure", `${shown(name)} is no part of the extension ${outer.url}; it has ${parts.join(", ") || "none"}`);
}

/** Contexts beyond those published with R4: as R4 itself uses them, or as HL7's later extensions package widened them. */
const moreContexts: ReadonlyMap<string, readonly ExtensionContext[]> = new Map(Object.entries({
  "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type": [{ type: "element", expression: "ElementDefinition.type" }],
  "http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation": ["multipleOr", "multipleAnd", "comparator", "modifier", "chain"].map((name) => ({ type: "element", expression: `SearchParameter.${name}` })),
}));

function mayStand({ url, context: stated }: Structure, extension: Container, run: Run): boolean {
  const context = [...stated ?? [], ...moreContexts.get(url) ?? []];
  if (context.length === 0) return true;
  return context.some((one) => fits(one, extension, run));
}

function fits({ type, expression }: ExtensionContext, extension: Container, run: Run): boolean {
  const { elementPath, elementType } = run;
  switch (type) {
    case "extension": return run.extensionUrl === expression;
    case "fhirpath": {
      const compiled = compile(expression);
      if (!compiled.ok) return true;
      const holds = (item: unknown): boolean => item instanceof Node && [item.value, item.twin].some((one) => isObject(one) && [one.extension, one.modifierExtension].some((list) => Array.isArray(list) && list.includes(extension)));
      const environment = environmentOf(run);
      return [run.resource, run.root].some((resource) => compiled.value.items(resource as Resource, environment).some(holds));
    }
    default: {
      const path = expression.replace(/\[x\]/g, "").replace(/^\*$/, "Element");
      if (path === elementPath || path === elementType || path === "Element" || isSubtype(elementType, path)) return true;
      // "Resource" and "DomainResource" reach every resource; a type's element reaches those of the types below it.
      const cut = path.indexOf(".");
      const head = cut < 0 ? path : path.slice(0, cut);
      const own = elementPath.split(".")[0]!;
      return cut > 0 && typeDefinition(own) !== undefined && isSubtype(own, head) && elementPath.slice(own.length) === path.slice(cut);
    }
  }
}
