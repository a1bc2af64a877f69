/** NDJSON, one object a line, or one JSON list. Member order is column order; nothing but text is built. */
import type { Cell, Column } from "../compile.ts";
import { TextPieces, type Encoder } from "./encoder.ts";

export function jsonEncoder(columns: readonly Column[], list: boolean): Encoder {
  const heads = columns.map(({ name }, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  const pieces = new TextPieces();
  let rows = 0;
  return {
    get ready() { return pieces.ready; },
    row(cells) {
      let text = list ? (rows === 0 ? "[" : ",\n") : "";
      for (let i = 0; i < heads.length; i++) text += heads[i]! + valueText(cells[i]!);
      rows += 1;
      pieces.add(list ? `${text}}` : `${text}}\n`);
    },
    take: () => pieces.take(),
    finish() {
      if (list) pieces.add(rows === 0 ? "[]\n" : "]\n");
      return pieces.finish();
    },
  };
}

export function valueText(cell: Cell): string {
  switch (typeof cell) {
    case "number": return Number.isFinite(cell) ? String(cell) : "null";
    case "boolean": return cell ? "true" : "false";
    default: return cell === null ? "null" : JSON.stringify(cell);
  }
}
