/**
 * Arrow IPC file (https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format), one record batch per 65,536 rows.
 * The buffers of a batch are filled here from whole columns; the library frames them: its builders, which take one
 * value at a time, were three times slower.
 */
import { AsyncByteQueue, Bool, Field, Float64, Int32, List, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, Utf8, type Data, type DataType } from "apache-arrow";
import type { Column, Kind } from "../compile.ts";
import { EncodingFault, physical, rowPusher, type Encoder } from "./encoder.ts";

const batchRows = 65_536;
const offsetMax = 2 ** 31 - 1;

type Physical = ReturnType<typeof physical>;

function arrowType(kind: Kind): DataType {
  switch (kind) {
    case "boolean": return new Bool();
    case "integer": return new Int32();
    case "decimal": return new Float64();
    case "text": case "json": return new Utf8();
  }
}

/** Takes the writer's bytes as they come; the library's own queue gives them to asynchronous readers only. */
class Pieces extends AsyncByteQueue<Uint8Array> {
  held: Uint8Array[] = [];
  bytes = 0;
  override write(value: Uint8Array | ArrayBufferView): void {
    if (value.byteLength === 0) return;
    this.held.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    this.bytes += value.byteLength;
  }
  drain(): Uint8Array[] {
    const { held } = this;
    this.held = [];
    this.bytes = 0;
    return held;
  }
}

/** Bit i set where `keep` says so (least significant bit first). */
function bitmap<T>(values: readonly T[], keep: (value: T) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) if (keep(values[i]!)) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

/** Buffers of one column of plain values. */
function column(values: readonly Physical[], kind: Kind, name: string): Data {
  const length = values.length;
  let nullCount = 0;
  for (let i = 0; i < length; i++) if (values[i] === null) nullCount += 1;
  const common = { length, nullCount, nullBitmap: nullCount === 0 ? undefined : bitmap(values, (value) => value !== null) };
  switch (kind) {
    case "boolean": return makeData({ ...common, type: new Bool(), data: bitmap(values, (value) => value === true) });
    case "integer": return makeData({ ...common, type: new Int32(), data: Int32Array.from(values, Number) });
    case "decimal": return makeData({ ...common, type: new Float64(), data: Float64Array.from(values, Number) });
    case "text": case "json": return makeData({ ...common, type: new Utf8(), ...texts(values as readonly (string | null)[], name) });
  }
}

function texts(values: readonly (string | null)[], name: string): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1);
  let characters = 0;
  for (const value of values) characters += value?.length ?? 0;
  if (characters > offsetMax / 3) throw new EncodingFault(`column ${name} has more than ${offsetMax / 3} characters in ${batchRows} rows; Arrow's offsets end there`);
  let data = Buffer.from(values.join(""), "utf8");
  const ascii = data.length === characters;
  if (!ascii && values.some((value) => value !== null && !value.isWellFormed())) {
    // Halves of surrogate pairs in neighbouring values must not become one character.
    values = values.map((value) => value?.toWellFormed() ?? null);
    data = Buffer.from(values.join(""), "utf8");
  }
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== null) at += ascii ? value.length : Buffer.byteLength(value, "utf8");
    valueOffsets[i + 1] = at;
  }
  return { valueOffsets, data };
}

function list(values: readonly (readonly Physical[] | null)[], field: Field, kind: Kind): Data {
  const valueOffsets = new Int32Array(values.length + 1);
  const flat: Physical[] = [];
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === null) nullCount += 1;
    else for (const item of value) flat.push(item);
    valueOffsets[i + 1] = flat.length;
  }
  return makeData({
    type: field.type as List, length: values.length, nullCount, nullBitmap: nullCount === 0 ? undefined : bitmap(values, (value) => value !== null),
    valueOffsets, child: column(flat, kind, field.name),
  });
}

export function arrowEncoder(columns: readonly Column[]): Encoder {
  const fields = columns.map(({ name, kind, collection, type }) => {
    const about = type === undefined ? undefined : new Map([["fhirType", type]]);
    const element = arrowType(kind);
    return new Field(name, collection ? new List(new Field("item", element, true)) : element, true, about);
  });
  const schema = new Schema(fields);
  const pieces = new Pieces();
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.reset(pieces as never, schema);
  let held = columns.map((): (Physical | Physical[])[] => []);

  const push = rowPusher(columns, physical);

  function flush(): void {
    const length = held[0]!.length;
    if (length === 0) return;
    const children = columns.map(({ kind, name, collection }, i) =>
      collection ? list(held[i] as (Physical[] | null)[], fields[i]!, kind) : column(held[i] as Physical[], kind, name));
    writer.write(new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children })));
    held = columns.map(() => []);
  }

  return {
    get ready() { return pieces.bytes; },
    row(cells) {
      push(cells, held);
      if (held[0]!.length === batchRows) flush();
    },
    take: () => pieces.drain(),
    finish() {
      flush();
      writer.finish();
      return pieces.drain();
    },
  };
}
