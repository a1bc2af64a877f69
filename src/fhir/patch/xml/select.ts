/**
 * The selectors of XML Patch: the XPath 1.0 subset of RFC 5261 §4.1 on the child and attribute axes, with
 * predicates by position, existence and equality. Names without a prefix are in the default namespace of the patch
 * (RFC 5261 §4.2.2); the prefix f is that of FHIR unless the patch says otherwise.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { nearNames } from "../../fhirpath/near.ts";
import { xmlNamespace } from "../../xml/reader.ts";
import type { XmlAttribute, XmlElement, XmlNode } from "../../xml/tree.ts";

/** What a selector found. The root element's parent is the document. */
export type Selected =
  | { kind: "node"; node: XmlNode; parent: Branch }
  | { kind: "attribute"; attribute: XmlAttribute; owner: Branch }
  | { kind: "namespace"; prefix: string; owner: Branch };

/** An element with the way up to the document; the document itself has no element. */
export type Branch = { children: XmlNode[]; element?: XmlElement; up?: Branch };

export type Namespaces = ReadonlyMap<string, string>;

type Test =
  | { kind: "name"; namespace: string; local: string } | { kind: "any" }
  | { kind: "text" } | { kind: "comment" } | { kind: "instruction"; target?: string } | { kind: "node" };
type Predicate = { kind: "position"; position: number | "last" } | { kind: "exists"; steps: readonly Step[] } | { kind: "equal"; steps: readonly Step[]; text: string };
type Step = { axis: "child" | "attribute" | "namespace" | "self"; test: Test; predicates: readonly Predicate[] };

const lengthMax = 4_000;

class SelectorFault extends Error {}

/** All that a selector finds in document order. Failure `value`: not a selector of this subset. */
export function select(document: Branch, selector: string, namespaces: Namespaces): Result<Selected[]> {
  try {
    if (selector.length > lengthMax) throw new SelectorFault(`a selector has at most ${lengthMax} characters`);
    const parser = new Parser(selector, namespaces);
    return ok(run(document, parser.path()));
  } catch (fault) {
    if (!(fault instanceof SelectorFault)) throw fault;
    return fail("value", `the selector ${JSON.stringify(selector.slice(0, 200))}: ${fault.message}`);
  }
}

const token = /\s*(?:((?:[\p{L}_][\p{L}\p{N}_.-]*:)?[\p{L}_][\p{L}\p{N}_.-]*)|("[^"]*"|'[^']*')|(\d+)|(::|\/\/|\.\.|[/@[\]()=.*]))/uy;

class Parser {
  private readonly tokens: { kind: "name" | "literal" | "number" | "symbol"; text: string }[] = [];
  private at = 0;
  private depth = 0;
  private readonly namespaces: Namespaces;

  constructor(selector: string, namespaces: Namespaces) {
    this.namespaces = namespaces;
    const text = selector.trim();
    for (let at = 0; at < text.length; at = token.lastIndex) {
      token.lastIndex = at;
      const match = token.exec(text);
      if (!match) throw new SelectorFault(`${JSON.stringify(text.slice(at, at + 12))} is not understood`);
      const [, name, literal, number, symbol] = match;
      if (name !== undefined) this.tokens.push({ kind: "name", text: name });
      else if (literal !== undefined) this.tokens.push({ kind: "literal", text: literal.slice(1, -1) });
      else if (number !== undefined) this.tokens.push({ kind: "number", text: number });
      else this.tokens.push({ kind: "symbol", text: symbol! });
    }
  }

  path(): Step[] {
    this.take("/");
    const steps = this.steps();
    if (this.at < this.tokens.length) throw new SelectorFault(`${JSON.stringify(this.tokens[this.at]!.text)} is not expected there`);
    return steps;
  }

  private take(symbol: string): boolean {
    const next = this.tokens[this.at];
    if (next?.kind !== "symbol" || next.text !== symbol) return false;
    this.at++;
    return true;
  }

  private need(symbol: string): void {
    if (!this.take(symbol)) throw new SelectorFault(`expected "${symbol}"${this.tokens[this.at] ? ` before ${JSON.stringify(this.tokens[this.at]!.text)}` : " at the end"}`);
  }

  private steps(): Step[] {
    const steps = [this.step()];
    while (this.take("/")) steps.push(this.step());
    return steps;
  }

  private step(): Step {
    if (this.take(".")) return { axis: "self", test: { kind: "node" }, predicates: [] };
    if (this.take("@")) return { axis: "attribute", test: this.test(false), predicates: [] };
    const next = this.tokens[this.at];
    const after = this.tokens[this.at + 1];
    if (next?.kind === "name" && after?.kind === "symbol" && after.text === "::") {
      if (!["namespace", "child", "attribute"].includes(next.text)) throw new SelectorFault(`the axis ${next.text} is not among those of XML Patch`);
      this.at += 2;
      if (next.text === "namespace") {
        const prefix = this.tokens[this.at++];
        if (prefix?.kind !== "name") throw new SelectorFault("expected a prefix after namespace::");
        return { axis: "namespace", test: { kind: "name", namespace: "", local: prefix.text }, predicates: [] };
      }
      if (next.text === "attribute") return { axis: "attribute", test: this.test(false), predicates: [] };
    }
    const test = this.test(true);
    const predicates: Predicate[] = [];
    while (this.take("[")) {
      predicates.push(this.predicate());
      this.need("]");
    }
    return { axis: "child", test, predicates };
  }

  private test(isElement: boolean): Test {
    if (this.take("*")) return { kind: "any" };
    const next = this.tokens[this.at++];
    if (next?.kind !== "name") throw new SelectorFault(next ? `${JSON.stringify(next.text)} is not expected there` : "it ends too early");
    if (isElement && this.take("(")) {
      if (!["text", "comment", "node", "processing-instruction"].includes(next.text)) throw new SelectorFault(`the function ${next.text}() is not supported`);
      const literal = this.tokens[this.at]?.kind === "literal" ? this.tokens[this.at++]!.text : undefined;
      this.need(")");
      if (literal !== undefined && next.text !== "processing-instruction") throw new SelectorFault(`${next.text}() takes no argument here`);
      switch (next.text) {
        case "text": case "comment": case "node": return { kind: next.text };
        default: return { kind: "instruction", ...(literal === undefined ? {} : { target: literal }) };
      }
    }
    const colon = next.text.indexOf(":");
    if (colon < 0) return { kind: "name", namespace: isElement ? this.namespaces.get("") ?? "" : "", local: next.text };
    const prefix = next.text.slice(0, colon);
    const namespace = prefix === "xml" ? xmlNamespace : this.namespaces.get(prefix);
    if (namespace === undefined) throw new SelectorFault(`the prefix ${prefix} is not declared${nearNames(prefix, [...this.namespaces.keys()]).map(near => `; did you mean ${near}?`).join("")}`);
    return { kind: "name", namespace, local: next.text.slice(colon + 1) };
  }

  private predicate(): Predicate {
    if (++this.depth > 20) throw new SelectorFault("its predicates are nested deeper than 20");
    const predicate = this.condition();
    this.depth--;
    return predicate;
  }

  private condition(): Predicate {
    const next = this.tokens[this.at];
    if (next?.kind === "number") {
      this.at++;
      const position = Number(next.text);
      if (position < 1) throw new SelectorFault("positions count from 1");
      return { kind: "position", position };
    }
    if (next?.kind === "name" && next.text === "last" && this.tokens[this.at + 1]?.text === "(") {
      this.at += 2;
      this.need(")");
      return { kind: "position", position: "last" };
    }
    const steps = this.steps();
    if (!this.take("=")) return { kind: "exists", steps };
    const literal = this.tokens[this.at++];
    if (literal?.kind !== "literal" && literal?.kind !== "number") throw new SelectorFault('expected a text in quotes after "="');
    return { kind: "equal", steps, text: literal.text };
  }
}

function run(from: Branch, steps: readonly Step[]): Selected[] {
  let found: Selected[] = from.element && from.up ? [{ kind: "node", node: from.element, parent: from.up }] : [];
  let branches: Branch[] = [from];
  for (const step of steps) {
    found = branches.flatMap(branch => filtered(candidates(branch, step), step.predicates));
    branches = found.flatMap(item => item.kind === "node" && item.node.kind === "element" ? [branchOf(item.node, item.parent)] : []);
  }
  return found;
}

export function branchOf(element: XmlElement, up: Branch): Branch {
  return { children: element.children, element, up };
}

function candidates(branch: Branch, { axis, test }: Step): Selected[] {
  const { element, up } = branch;
  if (axis === "self") return element && up ? [{ kind: "node", node: element, parent: up }] : [];
  if (axis === "namespace") return test.kind === "name" && element?.declared.has(test.local) ? [{ kind: "namespace", prefix: test.local, owner: branch }] : [];
  if (axis === "attribute") return (element?.attributes ?? []).filter(attribute => test.kind === "any" || test.kind === "name" && attribute.local === test.local && attribute.namespace === test.namespace)
    .map(attribute => ({ kind: "attribute", attribute, owner: branch }));
  return branch.children.filter(node => matches(node, test)).map(node => ({ kind: "node", node, parent: branch }));
}

function matches(node: XmlNode, test: Test): boolean {
  switch (test.kind) {
    case "node": return true;
    case "any": return node.kind === "element";
    case "name": return node.kind === "element" && node.local === test.local && node.namespace === test.namespace;
    case "instruction": return node.kind === "instruction" && (test.target === undefined || node.target === test.target);
    default: return node.kind === test.kind;
  }
}

function filtered(items: Selected[], predicates: readonly Predicate[]): Selected[] {
  let rest = items;
  for (const predicate of predicates)
    rest = predicate.kind === "position" ? rest.slice(predicate.position === "last" ? -1 : predicate.position - 1, predicate.position === "last" ? undefined : predicate.position)
      : rest.filter(item => {
        const inner = item.kind === "node" && item.node.kind === "element" ? run(branchOf(item.node, item.parent), predicate.steps) : [];
        return predicate.kind === "exists" ? inner.length > 0 : inner.some(one => textOf(one) === predicate.text);
      });
  return rest;
}

function textOf(item: Selected): string {
  if (item.kind === "attribute") return item.attribute.value;
  if (item.kind === "namespace") return item.owner.element?.declared.get(item.prefix) ?? "";
  return nodeText(item.node);
}

function nodeText(node: XmlNode): string {
  return node.kind === "element" ? node.children.map(child => child.kind === "comment" || child.kind === "instruction" ? "" : nodeText(child)).join("") : node.text;
}
