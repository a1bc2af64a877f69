/**
 * CSV as RFC 4180: header, CRLF, quotes where a field needs them. null is an empty field, an empty text is "".
 * Lists and structures are JSON text.
 */
import type { Cell, Column } from "../compile.ts";
import { TextPieces, type Encoder } from "./encoder.ts";

const special = /[",\r\n]/;

export function csvEncoder(columns: readonly Column[], header: boolean): Encoder {
  const pieces = new TextPieces();
  if (header) pieces.add(`${columns.map(({ name }) => field(name)).join(",")}\r\n`);
  return {
    get ready() { return pieces.ready; },
    row(cells) {
      let text = field(cells[0]!);
      for (let i = 1; i < cells.length; i++) text += `,${field(cells[i]!)}`;
      pieces.add(`${text}\r\n`);
    },
    take: () => pieces.take(),
    finish: () => pieces.finish(),
  };
}

function field(cell: Cell): string {
  switch (typeof cell) {
    case "string": return cell === "" || special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    case "object": return cell === null ? "" : `"${JSON.stringify(cell).replaceAll('"', '""')}"`;
    default: return String(cell);
  }
}
