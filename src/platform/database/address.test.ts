import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { databaseAddress, namesOneHost } from "./address.ts";
import { authority } from "./testing-tls.ts";

let folder: string, root: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "salus-address-"));
  root = join(folder, "root.crt");
  writeFileSync(root, authority);
});
after(() => { rmSync(folder, { recursive: true }); });

const at = "postgres://u:p%3F@db.example:5432/salus";
function read(query: string) {
  const read = databaseAddress(`${at}${query}`);
  assert.ok(read.ok, read.ok ? "" : read.failure.text);
  return read.value;
}

test("without a word of TLS there is none, and other words stay for the driver", () => {
  assert.deepEqual(read(""), { url: at, oneHost: true, tls: undefined });
  assert.deepEqual(read("?sslmode=disable&options=-c%20a%3Db&application_name=x&gssencmode=prefer&keepalives=1"), { url: `${at}?options=-c+a%3Db&application_name=x`, oneHost: true, tls: undefined });
});

for (const [query, optional, verified, identity] of [
  ["?sslmode=allow", true, false, true], ["?sslmode=prefer", true, false, true], ["?sslmode=require", false, false, true], ["?ssl=true", false, true, true],
  ["?sslmode=verify-ca", false, true, false], ["?sslmode=verify-full", false, true, true], ["?sslrootcert=system", false, true, true], ["?sslmode=require&sslrootcert=ROOT", false, true, false],
] as const)
  test(`${query}: ${verified ? `verified${identity ? ", name included" : ""}` : "not verified"}${optional ? ", if there is any" : ""}`, () => {
    const { tls } = read(query.replace("ROOT", encodeURIComponent(root)));
    assert.deepEqual([tls?.optional, tls?.options.rejectUnauthorized, tls?.options.checkServerIdentity === undefined, tls?.options.servername], [optional, verified, identity, "db.example"]);
    assert.equal(tls?.options.ca?.toString(), query.includes("ROOT") ? authority : undefined);
  });

test("an address by number is checked as one; several hosts are each their own", () => {
  const read = (url: string) => { const { tls } = value(databaseAddress(url)); return [tls?.options.host, tls?.options.servername]; };
  assert.deepEqual(read("postgres://10.0.0.1/salus?sslmode=verify-full"), ["10.0.0.1", undefined]);
  assert.deepEqual(read("postgres://u:p@[::1]:5432/salus?sslmode=verify-full"), ["::1", undefined]);
  assert.deepEqual(read("postgres://u:p@one:5432,two:5433/salus?sslmode=verify-full"), [undefined, undefined]);
  assert.ok(namesOneHost("postgres://u:p%2C@localhost:5432/salus?options=a,b"));
  assert.ok(!namesOneHost("postgres://u:p@one:5432,two:5433/salus"));
});

test("TLS's versions, and from the first byte on", () => {
  const { tls } = read("?sslmode=require&sslnegotiation=direct&ssl_min_protocol_version=TLSv1.3");
  assert.deepEqual([tls?.direct, tls?.options.minVersion, tls?.options.ALPNProtocols], [true, "TLSv1.3", ["postgresql"]]);
});

for (const [query, text] of [
  ["?sslmode=maybe", /sslmode=maybe is none of disable, allow/], ["?sslmode=require&sslrootcert=/nowhere/root.crt", /sslrootcert: \/nowhere\/root.crt cannot be read \(ENOENT\)/],
  ["?sslmode=require&channel_binding=require", /channel_binding=require cannot be kept/], ["?gssencmode=require", /gssencmode=require cannot be kept/], ["?sslmode=prefer&sslnegotiation=direct", /goes with sslmode=require/],
  ["?sslmode=require&ssl_min_protocol_version=SSLv3", /is none of TLSv1/], ["?sslmode=require&sslrootcert=system", /verify-full only/], ["?sslmode=require&sslnegotiation=x", /neither postgres nor direct/],
] as const)
  test(`refused: ${query}`, () => {
    const read = databaseAddress(`${at}${query}`);
    assert.ok(!read.ok);
    assert.match(read.failure.text, text);
  });

function value<T>(result: { ok: true; value: T } | { ok: false }): T {
  assert.ok(result.ok);
  return result.value;
}
