/** Arrow IPC file (https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format), one record batch per 65,536 rows. */
import { AsyncByteQueue, Bool, Field, Float64, Int32, List, makeBuilder, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, Utf8, type Builder, type Data, type DataType } from "apache-arrow";
import type { Column, Kind } from "../compile.ts";
import { physical, type Encoder } from "./encoder.ts";

const batchRows = 65_536;

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
    // Copied: the writer's buffers are views of what builders use again.
    const copy = new Uint8Array(value.byteLength);
    copy.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    this.held.push(copy);
    this.bytes += copy.length;
  }
  drain(): Uint8Array[] {
    const { held } = this;
    this.held = [];
    this.bytes = 0;
    return held;
  }
}

export function arrowEncoder(columns: readonly Column[]): Encoder {
  const fields = columns.map(({ name, kind, collection, type }) => {
    const about = type === undefined ? undefined : new Map([["fhirType", type]]);
    const element = arrowType(kind);
    return new Field(name, collection ? new List(new Field("item", element, true)) : element, true, about);
  });
  const schema = new Schema(fields);
  const builders: Builder[] = columns.map(({ kind, collection }, i) => {
    const nullValues = [null];
    return collection
      ? makeBuilder({ type: fields[i]!.type, nullValues, children: [{ type: arrowType(kind), nullValues }] } as never)
      : makeBuilder({ type: fields[i]!.type, nullValues } as never);
  });
  const pieces = new Pieces();
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.reset(pieces as never, schema);
  let rows = 0;

  function flush(): void {
    if (rows === 0) return;
    const children: Data[] = builders.map((builder) => builder.flush());
    writer.write(new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children })));
    rows = 0;
  }

  return {
    get ready() { return pieces.bytes; },
    row(cells) {
      for (let i = 0; i < builders.length; i++) {
        const { kind, name, collection } = columns[i]!;
        const cell = cells[i]!;
        builders[i]!.append(collection && cell !== null ? (cell as readonly never[]).map((value) => physical(value, kind, name)) : physical(cell, kind, name));
      }
      if (++rows === batchRows) flush();
    },
    take: () => pieces.drain(),
    finish() {
      flush();
      writer.finish();
      return pieces.drain();
    },
  };
}
