import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { checkProof, keyHash, parseCheckpoint, rawKey, walk } from "./proof.ts";
import type { ProofView } from "#server/api/contract.ts";

const H = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const split = (n: number): number => { let k = 1; while (k * 2 < n) k *= 2; return k; };
/** RFC 6962 §2.1 and §2.1.1 written as the recursive definitions stand there. */
const root = (leaves: Buffer[]): Buffer => leaves.length === 1 ? leaves[0]! : H(Uint8Array.of(1), root(leaves.slice(0, split(leaves.length))), root(leaves.slice(split(leaves.length))));
const audit = (m: number, leaves: Buffer[]): Buffer[] => {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k ? [...audit(m, leaves.slice(0, k)), root(leaves.slice(k))] : [...audit(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
};

test("every leaf of every tree up to 40 walks to the root, and no other index does", async () => {
  for (let size = 1; size <= 40; size += 1) {
    const leaves = Array.from({ length: size }, (_, i) => H(Uint8Array.of(0, i)));
    for (let index = 0; index < size; index += 1) {
      const path = audit(index, leaves), walked = await walk(leaves[index]!, index, size, path);
      assert.deepEqual(walked && Buffer.from(walked.root), root(leaves), `leaf ${index} of ${size}`);
      assert.equal(await walk(leaves[index]!, index, size, [...path, H()]), undefined);
      if (path.length > 0) assert.equal(await walk(leaves[index]!, index, size, path.slice(1)), undefined);
      const other = (index + 1) % size, moved = size > 1 ? await walk(leaves[index]!, other, size, path) : undefined;
      if (moved) assert.notDeepEqual(Buffer.from(moved.root), root(leaves));
    }
  }
  assert.equal(await walk(H(), 3, 3, []), undefined);
  assert.equal(await walk(H(), -1, 3, []), undefined);
});

async function specimen(): Promise<{ proof: ProofView; text: string; key: { name: string; publicKey: string } }> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519"), name = "test.example/log";
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const text = '{"resourceType":"Observation","id":"1"}', contentSha256 = H(Buffer.from(text)).toString("hex");
  const salt = "ab".repeat(32), payload = JSON.stringify({ reference: "Observation/1", version: "1", contentSha256 });
  const leaf = H(Uint8Array.of(0), H(Buffer.from(salt, "hex"), Buffer.from(payload)));
  const leaves = [H(Buffer.from("a")), H(Buffer.from("b")), leaf, H(Buffer.from("d")), H(Buffer.from("e"))], top = root(leaves);
  const body = `${name}\n5\n${top.toString("base64")}\n`;
  const blob = Buffer.concat([await keyHash(name, raw), sign(null, Buffer.from(body), privateKey)]);
  return { text, key: { name, publicKey: Buffer.from(raw).toString("base64") }, proof: { reference: "Observation/1", version: "1", salt, payload, contentSha256, leafHash: leaf.toString("hex"), index: 2, size: 5, root: top.toString("hex"), path: audit(2, leaves).map((hash) => hash.toString("hex")), checkpoint: `${body}\n— ${name} ${blob.toString("base64")}\n` } };
}

test("an honest proof holds at every step", async () => {
  const { proof, text, key } = await specimen(), checked = await checkProof(proof, text, key);
  assert.deepEqual(checked.steps.map((step) => `${step.name} ${step.state}`), ["content passed", "leaf passed", "path passed", "checkpoint passed", "signature passed"]);
  assert.equal(checked.proven, true);
});

test("each forgery fails at its own step", async () => {
  const { proof, text, key } = await specimen(), zeros = "0".repeat(64);
  const other = (await specimen()).key;
  const forgeries: [string, ProofView, string, typeof key][] = [
    ["content", proof, text.replace('"1"', '"2"'), key],
    ["content", { ...proof, contentSha256: H(Buffer.from("x")).toString("hex") }, "x", key],
    ["leaf", { ...proof, payload: `${proof.payload} ` }, text, key],
    ["leaf", { ...proof, salt: "zz" }, text, key],
    ["path", { ...proof, path: [zeros, ...proof.path.slice(1)] }, text, key],
    ["path", { ...proof, index: 3 }, text, key],
    ["path", { ...proof, root: zeros }, text, key],
    ["checkpoint", { ...proof, checkpoint: proof.checkpoint.replace("\n5\n", "\n6\n") }, text, key],
    ["checkpoint", { ...proof, checkpoint: "nonsense" }, text, key],
    ["signature", proof, text, other],
    ["signature", { ...proof, checkpoint: proof.checkpoint.replace(/— (\S+) (\S+)/, (_, name: string, blob: string) => `— ${name} ${blob.slice(0, -6)}AAAA${blob.slice(-2)}`) }, text, key],
  ];
  for (const [step, forged, shown, trusted] of forgeries) {
    const checked = await checkProof(forged, shown, trusted);
    assert.equal(checked.proven, false, step);
    assert.equal(checked.steps.find((found) => found.name === step)?.state, "failed", step);
  }
});

test("a proof without the resource text is proven but says the content was not checked", async () => {
  const { proof, key } = await specimen(), checked = await checkProof(proof, undefined, key);
  assert.equal(checked.proven, true);
  assert.equal(checked.steps[0]?.state, "skipped");
});

test("checkpoints and keys that are malformed are refused", () => {
  for (const text of ["", "a\n1\n", "a\n-1\nAAAA\n\n", "a\n01\n" + Buffer.alloc(32).toString("base64") + "\n\n", "a\n1\nAAAA\n\n"]) assert.equal(parseCheckpoint(text), undefined, text);
  assert.equal(rawKey("AAAA"), undefined);
  assert.equal(rawKey("%%%"), undefined);
  assert.equal(rawKey(Buffer.concat([Uint8Array.of(1), Buffer.alloc(32, 7)]).toString("base64"))?.length, 32);
});
