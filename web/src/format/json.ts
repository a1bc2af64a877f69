/** A stored resource as people read it: its fields as rows, or its JSON indented without touching a literal. */
export type Row = { path: string; depth: number; value: string };
const noise = new Set(["resourceType", "id", "meta", "text", "system"]);
const rowLimit = 200;

/** Leaves of the resource in stored order; sampled data and attachments are cut, since JSON shows them whole. */
export function readable(text: string): Row[] {
  const rows: Row[] = [];
  const visit = (value: unknown, path: string, depth: number): void => {
    if (rows.length >= rowLimit || value === null || value === undefined) return;
    if (Array.isArray(value)) { value.forEach((item, i) => visit(item, value.length > 1 ? `${path} ${i + 1}` : path, depth)); return; }
    if (typeof value === "object") {
      const fields = value as Record<string, unknown>;
      if (typeof fields.value === "number" && ("unit" in fields || "code" in fields)) { rows.push({ path, depth, value: `${fields.comparator ?? ""}${fields.value} ${fields.unit ?? fields.code ?? ""}` }); return; }
      if (typeof fields.code === "string" && ("system" in fields || "display" in fields)) { rows.push({ path, depth, value: [fields.display, `${fields.code}`].filter(Boolean).join(" · ") }); return; }
      for (const [name, inner] of Object.entries(fields)) if (!(depth === 0 ? noise.has(name) : name === "system")) visit(inner, path ? `${path} › ${name}` : name, depth + 1);
      return;
    }
    const words = String(value);
    rows.push({ path, depth, value: words.length > 120 ? `${words.slice(0, 120)}…` : words });
  };
  try { visit(JSON.parse(text), "", 0); } catch { return []; }
  return rows;
}

/** Indents JSON text without parsing it, so that number literals ("1.50") show as stored. */
export function indent(text: string): string {
  let out = "", depth = 0, inText = false;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i]!;
    if (inText) { out += letter; if (letter === "\\") out += text[++i] ?? ""; else if (letter === '"') inText = false; continue; }
    switch (letter) {
      case '"': inText = true; out += letter; break;
      case "{": case "[": { const close = letter === "{" ? "}" : "]"; const rest = /^\s*/.exec(text.slice(i + 1, i + 64))![0].length; if (text[i + 1 + rest] === close) { out += letter + close; i += 1 + rest; } else { depth += 1; out += letter + line(); } break; }
      case "}": case "]": depth -= 1; out += line() + letter; break;
      case ",": out += letter + line(); break;
      case ":": out += ": "; break;
      case " ": case "\n": case "\r": case "\t": break;
      default: out += letter;
    }
  }
  return out;
}
