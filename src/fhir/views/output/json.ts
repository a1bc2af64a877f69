/** NDJSON, one object a line, or one JSON list. Member order is column order: names of columns are never numbers. */
import type { Cell, Column } from "../compile.ts";
import { TextPieces, type Encoder } from "./encoder.ts";

export function jsonEncoder(columns: readonly Column[], list: boolean): Encoder {
  const names = columns.map(({ name }) => name);
  // One object for all rows: JSON.stringify of a known shape is faster than joining the texts of its members.
  const line: Record<string, Cell> = {};
  for (const name of names) line[name] = null;
  const pieces = new TextPieces();
  let rows = 0;
  return {
    get ready() { return pieces.ready; },
    row(cells) {
      for (let i = 0; i < names.length; i++) line[names[i]!] = cells[i]!;
      const text = JSON.stringify(line);
      if (list) pieces.add(rows === 0 ? `[${text}` : `,\n${text}`);
      else pieces.add(`${text}\n`);
      rows += 1;
    },
    take: () => pieces.take(),
    finish() {
      if (list) pieces.add(rows === 0 ? "[]\n" : "]\n");
      return pieces.finish();
    },
  };
}
