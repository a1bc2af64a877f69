/**
 * Rows to bytes. An encoder keeps little: `take()` gives the bytes that are ready, `finish()` the rest. A column with
 * a kind (kinds.ts) is stored as such by the columnar formats; a cell that does not fit is an `EncodingFault`.
 */
import type { Cell, Column, Kind } from "../compile.ts";

export const formats = ["ndjson", "csv", "json", "parquet", "arrow"] as const;
export type Format = (typeof formats)[number];

export type Encoder = {
  row(cells: readonly Cell[]): void;
  /** Bytes held that `take()` would give; those of an unfinished batch are not among them. */
  readonly ready: number;
  take(): Uint8Array[];
  finish(): Uint8Array[];
};

/** A value that the column's type cannot hold; the message names column and value's type, not the value. */
export class EncodingFault extends Error {}

/** Loads the library a format needs only when it is asked for. `header`: the line of names, of CSV. */
export async function encoder(format: Format, columns: readonly Column[], { header = true }: { header?: boolean } = {}): Promise<Encoder> {
  switch (format) {
    case "ndjson": case "json": return (await import("./json.ts")).jsonEncoder(columns, format === "json");
    case "csv": return (await import("./csv.ts")).csvEncoder(columns, header);
    case "parquet": return (await import("./parquet.ts")).parquetEncoder(columns);
    case "arrow": return (await import("./arrow.ts")).arrowEncoder(columns);
  }
}

/** Text gathered into UTF-8 pieces of about 64 kB characters. */
export class TextPieces {
  #text = "";
  #pieces: Uint8Array[] = [];
  ready = 0;

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > 65_536) this.#cut();
  }

  #cut(): void {
    const piece = Buffer.from(this.#text, "utf8");
    this.#pieces.push(piece);
    this.ready += piece.length;
    this.#text = "";
  }

  take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.ready = 0;
    return pieces;
  }

  finish(): Uint8Array[] {
    if (this.#text !== "") this.#cut();
    return this.take();
  }
}

const int32Max = 2 ** 31 - 1;

/** Puts a row's cells under their columns: all of them, or after a fault none, so that columns stay equally long. */
export function rowPusher<T>(columns: readonly Column[], stored: (cell: Cell, kind: Kind, name: string) => T): (cells: readonly Cell[], held: (T | T[])[][]) => void {
  const row: (T | T[])[] = columns.map(() => []);
  return (cells, held) => {
    for (let i = 0; i < columns.length; i++) {
      const { kind, name, collection } = columns[i]!;
      const cell = cells[i]!;
      row[i] = collection && cell !== null ? (cell as readonly Cell[]).map((value) => stored(value, kind, name)) : stored(cell, kind, name);
    }
    for (let i = 0; i < row.length; i++) held[i]!.push(row[i]!);
  };
}

/** A cell as its column's physical value: boolean, number, text, or null. */
export function physical(cell: Cell, kind: Kind, name: string): boolean | number | string | null {
  if (cell === null) return null;
  switch (kind) {
    case "boolean": if (typeof cell === "boolean") return cell; break;
    case "integer": if (typeof cell === "number" && Number.isInteger(cell) && Math.abs(cell) <= int32Max) return cell; break;
    case "decimal": if (typeof cell === "number") return cell; break;
    case "text": return typeof cell === "string" ? cell : JSON.stringify(cell);
    case "json": return JSON.stringify(cell);
  }
  throw new EncodingFault(`column ${name} is ${kind === "integer" ? "a 32-bit integer" : `a ${kind}`} and met a ${typeof cell}${typeof cell === "number" ? " beyond it" : ""}; state another "type"`);
}
