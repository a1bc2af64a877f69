import assert from "node:assert/strict";
import { test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import type { Cell, Column } from "../compile.ts";
import { encoder, EncodingFault, type Format } from "./encoder.ts";

const columns: readonly Column[] = [
  { name: "text", kind: "text", collection: false }, { name: "flag", kind: "boolean", collection: false }, { name: "count", kind: "integer", collection: false },
  { name: "value", kind: "decimal", collection: false }, { name: "given", kind: "text", collection: true }, { name: "code", kind: "json", collection: false },
];
const rows: readonly (readonly Cell[])[] = [
  ["a", true, 1, 1.5, ["x", "y"], { text: "q\"" }],
  [null, null, null, null, null, null],
  ["", false, -2, 2, [], null],
  ["comma, \"quote\"\r\nline", null, 0, 1e-7, ["二", null, "\u{1f600}"], { coding: [{ code: "c" }] }],
];

async function encode(format: Format, data: readonly (readonly Cell[])[] = rows, about = columns): Promise<Buffer> {
  const out = await encoder(format, about);
  const pieces: Uint8Array[] = [];
  for (const row of data) {
    out.row(row);
    if (out.ready > 0) pieces.push(...out.take());
  }
  pieces.push(...out.finish());
  return Buffer.concat(pieces);
}

const objects = (data: readonly (readonly Cell[])[]): object[] => data.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));

test("NDJSON and JSON hold the rows as they are", async () => {
  const text = (await encode("ndjson")).toString();
  assert.deepEqual(text.trimEnd().split("\n").map((line) => JSON.parse(line) as object), objects(rows));
  assert.deepEqual(JSON.parse((await encode("json")).toString()), objects(rows));
  assert.equal((await encode("json", [])).toString(), "[]\n");
  assert.equal((await encode("ndjson", [])).length, 0);
});

test("CSV as RFC 4180; null and the empty text differ", async () => {
  assert.equal((await encode("csv")).toString(), [
    "text,flag,count,value,given,code", 'a,true,1,1.5,"[""x"",""y""]","{""text"":""q\\""""}"', ",,,,,", '"",false,-2,2,"[]",',
    '"comma, ""quote""\r\nline",,0,1e-7,"[""二"",null,""\u{1f600}""]","{""coding"":[{""code"":""c""}]}"', "",
  ].join("\r\n"));
});

/** More rows than one batch holds. */
const many = Array.from({ length: 70_000 }, (_, i): Cell[] => i % 7 === 0 ? [null, null, null, null, null, null] : [`t${i}`, i % 2 === 0, i, i / 8, i % 3 === 0 ? [] : [`g${i}`, null], { i }]);

test("a row that does not fit leaves nothing behind in any column", async () => {
  for (const format of ["arrow", "parquet"] as const) {
    const out = await encoder(format, columns);
    out.row(rows[0]!);
    assert.throws(() => out.row(["b", true, 1, "not a number", [], null]), EncodingFault);
    out.row(rows[2]!);
    const bytes = Buffer.concat([...out.take(), ...out.finish()]);
    const texts = format === "arrow" ? tableFromIPC(bytes).toArray().map((row) => (row as { text: string }).text)
      : (await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer })).map((row) => row.text);
    assert.deepEqual(texts, ["a", ""]);
  }
});

test("Parquet reads back the same, over several row groups and empty", async () => {
  for (const data of [rows, many, []]) {
    const bytes = await encode("parquet", data);
    const read = await parquetReadObjects({ file: Uint8Array.from(bytes).buffer });
    // The reader gives a null list as undefined.
    assert.deepEqual(read.map((row) => ({ ...row, given: (row as { given?: unknown }).given ?? null })), objects(data));
  }
});

test("Arrow reads back the same, over several batches and empty", async () => {
  for (const data of [rows, many, []]) {
    const table = tableFromIPC(await encode("arrow", data));
    assert.deepEqual(table.schema.fields.map(({ name }) => name), columns.map(({ name }) => name));
    assert.equal(table.numRows, data.length);
    for (const [c, { name, kind, collection }] of columns.entries()) {
      const vector = table.getChild(name)!;
      const read = (value: unknown): unknown => value === null || kind !== "json" ? value : JSON.parse(value as string);
      for (let i = 0; i < data.length; i += data.length > 100 ? 997 : 1) {
        const value = vector.get(i) as unknown;
        assert.deepEqual(collection && value !== null ? [...value as Iterable<unknown>] : read(value), data[i]![c], `${name} of row ${i}`);
      }
    }
  }
});

test("Arrow keeps neighbouring halves of surrogate pairs apart", async () => {
  const table = tableFromIPC(await encode("arrow", [["\ud83d"], ["\ude00"], ["é"]], [columns[0]!]));
  assert.deepEqual([...table.getChild("text")!] as unknown[], ["\ufffd", "\ufffd", "é"]);
});

test("a value that its column cannot hold is a fault that names the column", async () => {
  for (const format of ["parquet", "arrow"] satisfies Format[])
    for (const [i, value] of [[1, "yes"], [2, 1.5], [2, 2 ** 40], [3, "1"]] as const) {
      const row = [...rows[0]!];
      row[i] = value;
      await assert.rejects(encode(format, [row]), (error) => error instanceof EncodingFault && error.message.includes(columns[i]!.name));
    }
});
