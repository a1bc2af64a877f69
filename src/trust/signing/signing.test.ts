import assert from "node:assert/strict";
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Sql } from "postgres";
import { openCheckpoint, signCheckpoint } from "#ledger/checkpoint.ts";
import { emptyRoot } from "#ledger/hash.ts";
import { privateKeyOf } from "#ledger/note.ts";
import type { Failure, Result } from "#platform/result.ts";
import { openTrust } from "../open.ts";
import { HandClock, testCost, trustDatabase } from "../testing.ts";
import type { Account, Trust } from "../trust.ts";
import { custodyOf, openCustody, type Custody } from "./custody.ts";
import { parseJws, signJws, thumbprint } from "./jws.ts";

let sql: Sql, close: () => Promise<void>, trust: Trust, clock: HandClock, custody: Custody, account: Account;

before(async () => { ({ sql, close } = await trustDatabase()); });
after(() => close());
beforeEach(async () => {
  await sql`truncate trust.account, trust.token, trust.attempt, trust.signing_key`;
  clock = new HandClock();
  custody = custodyOf(randomBytes(32));
  trust = openTrust(sql, custody, { clock, passwordCost: testCost });
  account = value(await trust.createAccount({ username: "lin", password: "four plums by the river", display: { en: "Lin", zh: "林" }, role: "practitioner", agent: "Practitioner/p1" }));
});

const note = Buffer.from('{"resourceType":"Composition","status":"final","value":1.50}');

function value<T>(result: Result<T>): T {
  assert(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}

function refused(result: Result<unknown>, code: Failure["code"], text: RegExp): void {
  assert(!result.ok, "it should have been refused");
  assert.equal(result.failure.code, code);
  assert.match(result.failure.text, text);
}

test("RFC 8037 appendix A.3: thumbprint of the example key", () => {
  assert.equal(thumbprint(Buffer.from("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "base64url")), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
});

test("a signature is FHIR's, is checked by its published key alone, and fits these bytes only", async () => {
  const signed = value(await trust.signDetached(account.id, note));
  assert.deepEqual(signed.signature, {
    type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1", display: "Author's Signature" }],
    when: "2026-03-01T08:00:00.000Z", who: { reference: "Practitioner/p1", display: "Lin" },
    targetFormat: "application/fhir+json", sigFormat: "application/jose", data: Buffer.from(signed.jws).toString("base64"),
  });
  // As a stranger would: RFC 7515 with the JWK, without our code.
  const [head, , signature] = signed.jws.split(".") as [string, string, string];
  const { keys } = await trust.jwks();
  const header = JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string };
  const jwk = keys.find(({ kid }) => kid === header.kid)!;
  assert.equal(jwk["salus:agent"], "Practitioner/p1");
  const key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: "jwk" });
  assert(verify(null, Buffer.from(`${head}.${note.toString("base64url")}`), key, Buffer.from(signature, "base64url")));

  assert.deepEqual(value(await trust.verifyDetached(signed.jws, note)), { keyId: signed.keyId, accountId: account.id, agent: "Practitioner/p1", when: signed.when, retired: false });
  refused(await trust.verifyDetached(signed.jws, Buffer.from(note.toString().replace("1.50", "1.5"))), "invalid", /changed after signing/);
});

test("each defect of a JWS is named", async () => {
  const { jws } = value(await trust.signDetached(account.id, note));
  const [head, , signature] = jws.split(".") as [string, string, string];
  const withHeader = (header: unknown): string => `${Buffer.from(JSON.stringify(header)).toString("base64url")}..${signature}`;
  const header = JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, unknown>;
  const cases: [string, Failure["code"], RegExp][] = [
    ["a.b", "invalid", /three parts/], [`${head}.e30.${signature}`, "invalid", /carries its content/], [`${head}..${signature.slice(4)}`, "invalid", /64 bytes/], [`${head}..${signature}=`, "invalid", /64 bytes/],
    [`!..${signature}`, "invalid", /JSON/], [withHeader(null), "invalid", /object/], [withHeader({ ...header, alg: "none" }), "not-supported", /only EdDSA/], [withHeader({ ...header, alg: undefined }), "not-supported", /only EdDSA/],
    [withHeader({ ...header, crit: ["exp"] }), "not-supported", /critical/], [withHeader({ ...header, b64: false }), "not-supported", /critical/], [withHeader({ ...header, kid: 1 }), "invalid", /kid/],
    [withHeader({ ...header, iat: "now" }), "invalid", /iat/], [withHeader({ ...header, kid: "x" }), "not-found", /not known/], [withHeader({ ...header, iat: 1 }), "invalid", /does not fit/], [`${"A".repeat(5000)}..${signature}`, "too-long", /4096/],
  ];
  for (const [text, code, message] of cases) refused(await trust.verifyDetached(text, note), code, message);
});

test("rotation: new signatures by a new key, old ones still good, none by a retired key", async () => {
  const before = value(await trust.signDetached(account.id, note));
  const again = value(await trust.signDetached(account.id, note));
  assert.equal(before.keyId, again.keyId);
  const old = (await sql<{ id: string; owner: string; sealed: Buffer }[]>`select * from trust.signing_key`)[0]!;
  clock.pass(60);
  const { keyId } = value(await trust.rotateKey(account.id));
  assert.equal(value(await trust.signDetached(account.id, note)).keyId, keyId);
  assert.notEqual(keyId, before.keyId);
  assert.deepEqual((await sql<{ length: number }[]>`select length(sealed) as length from trust.signing_key where id = ${before.keyId}`).map(({ length }) => length), [0], "a retired key signs no more");
  assert.equal(value(await trust.verifyDetached(before.jws, note)).retired, true);
  const { keys } = await trust.jwks();
  assert.deepEqual(keys.map((key) => [key.kid, key["salus:retired"]]), [[before.keyId, "2026-03-01T08:01:00.000Z"], [keyId, undefined]]);
  const seed = value(custody.open(old.sealed, `salus signing key 1\n${old.id}\n${old.owner}`));
  const late = signJws({ alg: "EdDSA", kid: old.id, iat: clock.now().getTime() / 1000 + 5 }, note, privateKeyOf(seed));
  refused(await trust.verifyDetached(late, note), "invalid", /after its key was retired/);
});

test("many first signatures at once share one key; a disabled account does not sign", async () => {
  const signed = await Promise.all(Array.from({ length: 6 }, () => trust.signDetached(account.id, note)));
  assert.equal(new Set(signed.map((each) => value(each).keyId)).size, 1);
  value(await trust.setDisabled(account.id, true));
  refused(await trust.signDetached(account.id, note), "forbidden", /disabled/);
  refused(await trust.signDetached("nobody", note), "not-found", /account/);
});

test("the database alone does not sign: no raw key in it, another key file or owner does not open it", async () => {
  value(await trust.signDetached(account.id, note));
  const other = value(await trust.createAccount({ username: "mallory", password: "a lantern in the attic", display: { en: "M", zh: "马" }, role: "practitioner", agent: "Practitioner/m" }));
  refused(await openTrust(sql, custodyOf(randomBytes(32)), { clock }).signDetached(account.id, note), "exception", /another key file/);
  await sql`update trust.signing_key set owner = ${`account:${other.id}`}`;
  refused(await trust.signDetached(other.id, note), "exception", /does not open/);
});

test("checkpoints are signed by the node's key for that log, the same after a restart", async () => {
  const signer = await trust.checkpointSigner("salus.example/log");
  const again = await openTrust(sql, custody, { clock }).checkpointSigner("salus.example/log");
  assert.equal(signer.vkey, again.vkey);
  const signed = signCheckpoint({ origin: "salus.example/log", size: 0, root: emptyRoot, extensions: [] }, [signer]);
  assert(openCheckpoint(signed, [again], "salus.example/log").ok);
  assert.deepEqual((await trust.jwks()).keys, [], "the log's key signs no documents, so it is not among people's keys");
  const jws = signJws({ alg: "EdDSA", kid: (await sql<{ id: string }[]>`select id from trust.signing_key`)[0]!.id, iat: 1 }, note, privateKeyOf(randomBytes(32)));
  assert(parseJws(jws).ok);
  refused(await trust.verifyDetached(jws, note), "not-found", /not known/);
});

test("a node names its log once, whoever asks first", async () => {
  const names = await Promise.all(Array.from({ length: 4 }, async () => (await trust.checkpointSigner()).vkey));
  assert.equal(new Set(names).size, 1);
  assert.match(names[0]!, /^salus\.local\/log\/[0-9a-f]{16}\+/);
  await assert.rejects(trust.checkpointSigner("a log"), /without spaces/);
});

test("the key file: made once, private, and each fault is named with its cure", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "salus-key-"));
  t.after(() => rm(folder, { recursive: true }));
  const opened = await Promise.all([openCustody(folder, ""), openCustody(folder, ""), openCustody(folder, "")]);
  const sealed = value(opened[0]!).seal(Buffer.from("secret"), "a");
  for (const each of opened) assert.equal(value(value(each).open(sealed, "a")).toString(), "secret");
  const path = join(folder, "keys", "node.key");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, "keys"))).mode & 0o777, 0o700);
  const text = await readFile(path, "utf8");
  value(value(await openCustody("/nowhere", path)).open(sealed, "a"));
  await chmod(path, 0o644);
  refused(await openCustody(folder, ""), "forbidden", /chmod 600/);
  await chmod(path, 0o600);
  await writeFile(path, text.slice(4));
  refused(await openCustody(folder, ""), "invalid", /32 bytes in base64/);
  refused(await openCustody(folder, join(folder, "absent")), "not-found", /openssl rand/);
});
