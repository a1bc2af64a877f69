import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { arrayOf, type ArrayKind, type Cell } from "./arrays.ts";
import { withMarks } from "./bind-arrays.ts";
import { openPool } from "./pool.ts";
import { testDatabase } from "./testing.ts";
import { tickSocket } from "./tick-socket.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
/** With arrays in binary, and as the driver is by itself. */
let binary: postgres.Sql, plain: postgres.Sql;
before(async () => {
  database = await testDatabase();
  const sockets: object = { socket: tickSocket };
  binary = openPool(database.url, { ...sockets, fetch_types: false, onnotice: () => {} }, 2);
  plain = postgres(database.url, { fetch_types: false, onnotice: () => {} });
});
after(async () => { await Promise.all([binary.end(), plain.end()]); await database.close(); });

const whole = ["0", "-0", "1", "-1", "000017", "999999", "1000000", "4294967295", "4294967296", "-4294967296", "-4294967297", "9223372036854775807", "-9223372036854775808", "-9223372036854775807", "1000000000000000000"];
const samples: Record<ArrayKind, readonly (readonly Cell[])[]> = {
  bigint: [[], whole, [null], ["5", "5", null, "5", 5, "5"], [0, -1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, -8_640_000_000_000_000, 1_048_575], randomWhole(500)],
  int: [[], [0, -1, null, 2_147_483_647, -2_147_483_648]],
  float8: [[], [0, -0, 0.1, null, 1e308, 5e-324, -Infinity, Infinity, 120.5]],
  bool: [[], [0, 1, null, 1]],
  text: [[], [""], ["", null, "null", "NULL", "a,b", "{}", '"', "\\", "\u001d\u001e", "Grüße 高血压 😀", "\ud800", " padded "], ["x".repeat(200_000), "é".repeat(100_000), "y"]],
};

function randomWhole(count: number): string[] {
  const random = crypto.getRandomValues(new BigInt64Array(count));
  return Array.from(random, (value, i) => String(value >> BigInt(i % 64)));
}

const asked = (kind: ArrayKind) => `select $1::${kind}[]::text as whole, (select coalesce(json_agg(u), '[]')::text from unnest($1::${kind}[]) u) as cells`;

for (const [kind, lists] of Object.entries(samples) as [ArrayKind, readonly (readonly Cell[])[]][]) test(`arrays of ${kind} are the same in binary, as literals and as PostgreSQL reads them`, async () => {
  for (const cells of lists) {
    const array = arrayOf(kind, cells.length, (i) => cells[i]!);
    const send = (db: postgres.Sql) => withMarks([array], () => db.unsafe(asked(kind), [array as unknown as string], { prepare: true }));
    const [[inBinary], [asLiteral]] = await Promise.all([send(binary), send(plain)]);
    assert.deepEqual(inBinary, asLiteral);
    const [read] = await plain.unsafe(asked(kind), [literal(cells)], { prepare: true });
    assert.deepEqual(inBinary, read);
  }
});

/** By another way than the one that is tested. */
function literal(cells: readonly Cell[]): string {
  return `{${cells.map((cell) => cell === null ? "null" : JSON.stringify(String(typeof cell === "string" ? cell.toWellFormed() : cell)).replaceAll(/\\u([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))).join(",")}}`;
}

test("what is no whole number of 64 or 32 bits is refused", () => {
  for (const cell of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, Infinity]) assert.throws(() => arrayOf("int", 1, () => cell), RangeError, String(cell));
  for (const cell of ["", "-", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1.5", "1e3", " 1", "+1", 0.5, 2 ** 53, NaN]) assert.throws(() => arrayOf("bigint", 1, () => cell), RangeError, String(cell));
});
