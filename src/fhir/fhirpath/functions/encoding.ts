/** encode(), decode(), escape(), unescape(): https://hl7.org/fhirpath/#additional-string-functions. An unknown format gives empty. */
import type { FunctionTable } from "./definition.ts";
import { onText } from "./strings.ts";

const shapes: Readonly<Record<string, { shape: RegExp; buffer: "base64" | "base64url" | "hex" }>> = {
  base64: { shape: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, buffer: "base64" },
  urlbase64: { shape: /^[A-Za-z0-9_-]*={0,2}$/, buffer: "base64url" },
  hex: { shape: /^(?:[0-9A-Fa-f]{2})*$/, buffer: "hex" },
};

function encode(text: string, format: string): string | undefined {
  const buffer = Object.hasOwn(shapes, format) ? shapes[format]!.buffer : undefined;
  if (buffer === undefined) return undefined;
  const encoded = Buffer.from(text, "utf8").toString(buffer);
  // RFC 4648 §5 keeps the padding; Node leaves it out.
  return buffer === "base64url" ? encoded.padEnd(Math.ceil(encoded.length / 4) * 4, "=") : encoded;
}

function decode(text: string, format: string): string | undefined {
  const known = Object.hasOwn(shapes, format) ? shapes[format] : undefined;
  return known?.shape.test(text) ? Buffer.from(text, known.buffer).toString("utf8") : undefined;
}

const htmlNames: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const htmlTexts: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&apos;": "'" };

function escape(text: string, format: string): string | undefined {
  if (format === "html") return text.replace(/[&<>"']/g, (c) => htmlNames[c]!);
  return format === "json" ? JSON.stringify(text).slice(1, -1) : undefined;
}

function unescape(text: string, format: string): string | undefined {
  if (format === "html") return text.replace(/&(?:amp|lt|gt|quot|#39|apos);/g, (name) => htmlTexts[name]!);
  if (format !== "json") return undefined;
  try {
    // Quotes that stand bare are taken as they are.
    return JSON.parse(`"${text.replace(/\\[^]|"/g, (c) => (c === '"' ? '\\"' : c))}"`) as string;
  } catch {
    return undefined;
  }
}

const named = (run: (text: string, format: string) => string | undefined) => onText(1, 1, "System.String", (text, [format]) => run(text, String(format)));

export const encoding: FunctionTable = { encode: named(encode), decode: named(decode), escape: named(escape), unescape: named(unescape) };
