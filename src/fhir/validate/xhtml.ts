/**
 * Narrative.div: well-formed, only the elements and attributes of invariant txt-1, some content (txt-2), and
 * nothing a browser would run. XML's own references only, no &nbsp;. Source: https://hl7.org/fhir/R4/narrative.html
 */
import { type Fault, kindOf } from "./primitives.ts";

const elements = new Set(("a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q " +
  "samp small span strong sub sup table tbody td tfoot th thead tr tt ul var").split(" "));
const attributes = new Set(("abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan " +
  "compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary " +
  "tabindex title type valign value vspace width xmlns xml:lang xml:space xml:id").split(" "));
/** As a browser reads an address: references resolved, blanks and control characters passed over. */
const active = /^(?:javascript:|vbscript:|data:(?:text|application\/(?:xhtml|xml|[a-z-]*script)))/i;
const passedOver = /[\u0000-\u0020]/g;
const reference = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g;
const noReference = /&(?!(?:#\d{1,7}|#x[\da-fA-F]{1,6}|amp|lt|gt|quot|apos);)[^\s;<]{0,12};?/;
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const xhtmlNamespace = "http://www.w3.org/1999/xhtml";
const depthMax = 200;

const token = /<!--[\s\S]*?-->|<\/([A-Za-z][\w:-]*)\s*>|<([A-Za-z][\w:-]*)((?:\s+[A-Za-z_][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;
const attribute = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

function broken(text: string): Fault {
  return { code: "invariant", text: `Narrative.div: ${text}` };
}

export function xhtmlFault(value: unknown): Fault | undefined {
  if (typeof value !== "string") return { code: "structure", text: `xhtml is a string in JSON, found ${kindOf(value)}` };
  const source = value.trim();
  const open: string[] = [];
  let content = false, closed = false;
  for (let at = 0; at < source.length; ) {
    token.lastIndex = at;
    const match = token.exec(source);
    if (!match) return broken(`not well-formed XHTML at character ${at + 1}, near ${JSON.stringify(source.slice(at, at + 24))}`);
    at = token.lastIndex;
    const [whole, closing, opening, rest, selfClosing] = match;
    const unknown = whole.includes("&") && !whole.startsWith("<!--") ? noReference.exec(whole) : null;
    if (unknown) return broken(`${JSON.stringify(unknown[0])} is no reference of XML; write the character itself, and & as &amp;`);
    if (closed) return broken("nothing may follow the closing </div>");
    if (closing !== undefined) {
      if (open.pop() !== closing) return broken(`</${closing}> closes no open element of that name`);
      closed = open.length === 0;
    } else if (opening !== undefined) {
      if (open.length === 0 && opening !== "div") return broken(`begins with <${opening}>; the narrative is one <div>`);
      if (!elements.has(opening)) return broken(`<${opening}> is not allowed in a narrative (txt-1)`);
      const fault = attributeFault(opening, rest ?? "", open.length === 0);
      if (fault) return fault;
      if (opening === "img" && /\ssrc\s*=/.test(rest ?? "")) content = true;
      if (selfClosing) closed = open.length === 0;
      else if (open.push(opening) > depthMax) return broken(`nested deeper than ${depthMax} elements`);
    } else if (!whole.startsWith("<!--")) {
      if (open.length === 0) return broken("text stands outside of the <div>");
      if (whole.trim() !== "") content = true;
    }
  }
  if (!closed) return broken(open.length ? `<${open.at(-1)}> is not closed` : "is empty; it is one <div>");
  return content ? undefined : broken("has no content (txt-2); write some text or leave the narrative out");
}

function attributeFault(element: string, text: string, isRoot: boolean): Fault | undefined {
  const seen = new Set<string>();
  let namespace: string | undefined;
  for (const [, name, double, single] of text.matchAll(attribute)) {
    const value = double ?? single ?? "";
    if (seen.has(name!)) return broken(`<${element}> has the attribute ${name} twice`);
    seen.add(name!);
    if (name === "xmlns") {
      namespace = value;
      if (!isRoot && value !== xhtmlNamespace) return broken(`<${element}> is of another namespace; the narrative is XHTML`);
    } else if (!attributes.has(name!)) return broken(`the attribute ${name} of <${element}> is not allowed in a narrative (txt-1)`);
    if ((name === "href" || name === "src") && active.test(resolved(value).replace(passedOver, ""))) return broken(`${name} of <${element}> would run a script`);
  }
  if (isRoot && namespace !== xhtmlNamespace) return broken(`the outer <div> needs xmlns="${xhtmlNamespace}"`);
  return undefined;
}

function resolved(value: string): string {
  if (!value.includes("&")) return value;
  return value.replace(reference, (_, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return named[name]!;
    const point = decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
  });
}
