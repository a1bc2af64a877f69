/**
 * One-dimensional arrays as parameters in PostgreSQL's binary format (array_send: dimensions, whether there are nulls, type
 * of the elements, count, lower bound, then each element after its length). A number costs PostgreSQL a copy instead of the
 * reading of digits, a text no search for its end. Where a connection cannot send them so, an array is its own literal.
 */
export type ArrayKind = "bigint" | "int" | "float8" | "bool" | "text";
/** Of "bigint", text is a decimal. A bool is 0 or 1. */
export type Cell = string | number | null;

/** Of the elements and of their array: fixed for types of PostgreSQL itself (pg_type.dat). */
export const oids: Readonly<Record<ArrayKind, { element: number; array: number }>> = {
  bigint: { element: 20, array: 1016 },
  int: { element: 23, array: 1007 },
  float8: { element: 701, array: 1022 },
  bool: { element: 16, array: 1000 },
  text: { element: 25, array: 1009 },
};

const headBytes = 20;
const none = 0xffff_ffff;

/** What is built is copied out of here, so one is enough; kept to a size that a large statement's columns need. */
let scratch = Buffer.allocUnsafeSlow(1 << 16);
/** Compiled to plain stores, where a Buffer's own methods check each number. */
let view = viewOf(scratch);
const scratchMax = 1 << 24;

export class ArrayParameter {
  readonly kind: ArrayKind;
  readonly bytes: Buffer;
  /** Stands for the bytes until they are put in, see bind-arrays.ts. */
  mark: string | undefined;

  constructor(kind: ArrayKind, bytes: Buffer) {
    this.kind = kind;
    this.bytes = bytes;
  }

  /** PostgreSQL's literal: what the driver sends by itself. */
  toString(): string {
    const { kind, bytes } = this;
    const cells: string[] = [];
    for (let at = headBytes; at < bytes.length; ) {
      const length = bytes.readUInt32BE(at);
      at += 4;
      if (length === none) { cells.push("null"); continue; }
      cells.push(literalOf(kind, bytes.subarray(at, at + length)));
      at += length;
    }
    return `{${cells.join(",")}}`;
  }
}

function literalOf(kind: ArrayKind, cell: Buffer): string {
  switch (kind) {
    case "bigint": return String(cell.readBigInt64BE(0));
    case "int": return String(cell.readInt32BE(0));
    case "float8": return String(cell.readDoubleBE(0));
    case "bool": return cell[0] ? "t" : "f";
    case "text": return `"${cell.toString().replaceAll(/["\\]/g, "\\$&")}"`;
  }
}

/** An array of `count` elements, each asked for by its place. */
export function arrayOf(kind: ArrayKind, count: number, cellAt: (place: number) => Cell): ArrayParameter {
  let at = headBytes, nulls = 0;
  let before: string | undefined;
  for (let i = 0; i < count; i++) {
    const cell = cellAt(i);
    if (scratch.length - at < 16) grow(at, 16);
    if (cell === null) {
      nulls = 1;
      before = undefined;
      view.setUint32(at, none);
      at += 4;
      continue;
    }
    switch (kind) {
      case "bigint":
        view.setUint32(at, 8);
        at += 4;
        if (typeof cell === "number") {
          writeInteger(cell, at);
          before = undefined;
        } else {
          // Rows of one resource follow each other, and repeat its key.
          if (cell === before) scratch.copyWithin(at, at - 12, at - 4);
          else writeDecimal(cell, at);
          before = cell;
        }
        at += 8;
        break;
      case "int":
        view.setUint32(at, 4);
        if (cell !== ~~Number(cell)) throw new RangeError(`${cell} is no whole number of 32 bits`);
        view.setInt32(at + 4, cell);
        at += 8;
        break;
      case "float8":
        view.setUint32(at, 8);
        // As digits have it, 0 has no sign.
        view.setFloat64(at + 4, Number(cell) + 0);
        at += 12;
        break;
      case "bool":
        view.setUint32(at, 1);
        view.setUint8(at + 4, Number(cell));
        at += 5;
        break;
      case "text": {
        const text = String(cell), most = 4 + text.length * 3;
        if (scratch.length - at < most) grow(at, most);
        const written = scratch.write(text, at + 4);
        view.setUint32(at, written);
        at += 4 + written;
        break;
      }
    }
  }
  view.setUint32(0, count ? 1 : 0);
  view.setUint32(4, nulls);
  view.setUint32(8, oids[kind].element);
  view.setUint32(12, count);
  view.setUint32(16, 1);
  // Without elements there is no dimension either.
  const bytes = Buffer.from(scratch.subarray(0, count ? at : 12));
  if (scratch.length > scratchMax) take(Buffer.allocUnsafeSlow(1 << 16));
  return new ArrayParameter(kind, bytes);
}

function grow(used: number, by: number): void {
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, used + by));
  scratch.copy(larger, 0, 0, used);
  take(larger);
}

function take(buffer: typeof scratch): void {
  scratch = buffer;
  view = viewOf(buffer);
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

const word = 2 ** 32;

function writeInteger(value: number, at: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number that can be told from its neighbours`);
  const high = Math.floor(value / word);
  view.setInt32(at, high);
  view.setUint32(at + 4, value - high * word);
}

/** Six digits at a time into two halves: a BigInt would take three times as long. */
function writeDecimal(text: string, at: number): void {
  const negative = text.charCodeAt(0) === 45;
  let high = 0, low = 0, piece = 0, scale = 1;
  if (text.length === (negative ? 1 : 0) || text.length > 20) throw notWhole(text);
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) throw notWhole(text);
    piece = piece * 10 + digit;
    scale *= 10;
    if (scale === 1_000_000 || i === text.length - 1) {
      const sum = low * scale + piece, carry = Math.floor(sum / word);
      low = sum - carry * word;
      high = high * scale + carry;
      piece = 0;
      scale = 1;
    }
  }
  if (high > 0x8000_0000 || high === 0x8000_0000 && !(negative && low === 0)) throw notWhole(text);
  if (negative) {
    high = low === 0 ? -high : -high - 1;
    low = low === 0 ? 0 : word - low;
  }
  view.setUint32(at, high >>> 0);
  view.setUint32(at + 4, low);
}

function notWhole(text: string): RangeError {
  return new RangeError(`"${text.slice(0, 40)}" is no whole number of 64 bits`);
}
