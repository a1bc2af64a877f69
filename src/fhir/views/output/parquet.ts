/** Parquet (https://parquet.apache.org/docs/file-format/), Snappy, one row group per 65,536 rows; lists as LIST. */
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Cell, Column, Kind } from "../compile.ts";
import { physical, rowPusher, type Encoder } from "./encoder.ts";

const groupRows = 65_536;

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

function physicalType(kind: Kind): Omit<Element, "name"> {
  switch (kind) {
    case "boolean": return { type: "BOOLEAN" };
    case "integer": return { type: "INT32" };
    case "decimal": return { type: "DOUBLE" };
    case "text": return { type: "BYTE_ARRAY", converted_type: "UTF8" };
    case "json": return { type: "BYTE_ARRAY", converted_type: "JSON" };
  }
}

function elements({ name, kind, collection }: Column): Element[] {
  if (!collection) return [{ name, repetition_type: "OPTIONAL", ...physicalType(kind) }];
  return [
    { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "OPTIONAL", ...physicalType(kind) },
  ];
}

/** The library writes structures of JSON columns as text itself. */
function stored(cell: Cell, kind: Kind, name: string): unknown {
  return kind === "json" ? cell : physical(cell, kind, name);
}

export function parquetEncoder(columns: readonly Column[]): Encoder {
  const out = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({ writer: out, schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(elements)], createdBy: "Salus" });
  let values = columns.map((): unknown[] => []);

  const push = rowPusher(columns, stored);

  function flush(): void {
    if (values[0]!.length === 0) return;
    // Without flush() on the ByteWriter the library writes at once and answers nothing to wait for.
    void writer.write({ columnData: columns.map(({ name }, i) => ({ name, data: values[i]! })), rowGroupSize: groupRows });
    values = columns.map((): unknown[] => []);
  }

  /** `offset` counts the file's bytes, `index` those in the buffer, which begins anew. */
  function drain(): Uint8Array[] {
    const bytes = out.getBytes().slice();
    out.index = 0;
    return bytes.length === 0 ? [] : [bytes];
  }

  return {
    get ready() { return out.index; },
    row(cells) {
      push(cells, values);
      if (values[0]!.length === groupRows) flush();
    },
    take: drain,
    finish() {
      flush();
      void writer.finish();
      return drain();
    },
  };
}
