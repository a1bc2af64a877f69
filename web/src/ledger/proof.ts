/**
 * Checks a ledger proof in the browser, trusting nothing the server says but the resource text on the screen.
 * Inclusion: RFC 6962 §2.1.1 as verified in RFC 9162 §2.1.3.2. Checkpoint: C2SP tlog-checkpoint (signed note, Ed25519).
 * WebCrypto only; where Ed25519 is not there the signature step is "skipped" and said so.
 */
import type { ProofView } from "#server/api/contract.ts";

export type StepName = "content" | "leaf" | "path" | "checkpoint" | "signature";
export type Step = { name: StepName; state: "passed" | "failed" | "skipped"; left?: string; right?: string; reason?: string };
export type PathNode = { side: "left" | "right"; sibling: string; hash: string };
export type Checked = { proven: boolean; steps: Step[]; path: PathNode[] };

export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try { return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)); } catch { return undefined; }
}
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Leaf to root; undefined when index, size and path length do not fit together. */
export async function walk(leaf: Uint8Array, index: number, size: number, path: Uint8Array[]): Promise<{ root: Uint8Array; nodes: PathNode[] } | undefined> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size || leaf.length !== 32) return undefined;
  let fn = index, sn = size - 1, hash = leaf;
  const nodes: PathNode[] = [], one = Uint8Array.of(1);
  const half = (n: number) => Math.floor(n / 2); // shifts would cut at 2³¹
  for (const sibling of path) {
    if (sibling.length !== 32 || sn === 0) return undefined;
    const left = fn % 2 === 1 || fn === sn;
    hash = left ? await sha256(one, sibling, hash) : await sha256(one, hash, sibling);
    nodes.push({ side: left ? "left" : "right", sibling: toHex(sibling), hash: toHex(hash) });
    if (left) while (fn % 2 === 0 && fn !== 0) { fn = half(fn); sn = half(sn); }
    fn = half(fn); sn = half(sn);
  }
  return sn === 0 ? { root: hash, nodes } : undefined;
}

export type Checkpoint = { origin: string; size: number; root: Uint8Array; body: string; signatures: { name: string; keyHash: Uint8Array; signature: Uint8Array<ArrayBuffer> }[] };

export function parseCheckpoint(text: string): Checkpoint | undefined {
  const split = text.indexOf("\n\n");
  if (split < 0) return undefined;
  const body = text.slice(0, split + 1), [origin, count, root] = body.split("\n");
  const bytes = fromBase64(root ?? "");
  if (!origin || !/^(0|[1-9]\d*)$/.test(count ?? "") || bytes?.length !== 32) return undefined;
  const signatures = text.slice(split + 2).split("\n").flatMap((line) => {
    const match = /^— (\S+) (\S+)$/.exec(line), blob = fromBase64(match?.[2] ?? "");
    return match && blob && blob.length > 4 ? [{ name: match[1]!, keyHash: blob.slice(0, 4), signature: blob.slice(4) }] : [];
  });
  return { origin, size: Number(count), root: bytes, body, signatures };
}

/** Accepts the raw 32 bytes, the C2SP form (algorithm byte 1 before them) or SPKI DER. */
export function rawKey(publicKey: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = fromBase64(publicKey);
  if (bytes?.length === 32) return bytes;
  if (bytes?.length === 33 && bytes[0] === 1) return bytes.slice(1);
  if (bytes?.length === 44) return bytes.slice(12);
  return undefined;
}

/** C2SP signed-note key id: first four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ key). */
export async function keyHash(name: string, key: Uint8Array): Promise<Uint8Array> {
  return (await sha256(utf8(`${name}\n`), Uint8Array.of(1), key)).slice(0, 4);
}

async function signatureStep(checkpoint: Checkpoint, key: { name: string; publicKey: string }): Promise<Step> {
  const raw = rawKey(key.publicKey);
  if (!raw) return { name: "signature", state: "failed", reason: "unreadable key" };
  const id = toHex(await keyHash(key.name, raw));
  const ours = checkpoint.signatures.find((line) => line.name === key.name && toHex(line.keyHash) === id);
  if (!ours) return { name: "signature", state: "failed", reason: `no signature by ${key.name} ${id}` };
  let imported: CryptoKey;
  try { imported = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]); }
  catch { return { name: "signature", state: "skipped", reason: "Ed25519" }; }
  const holds = await crypto.subtle.verify({ name: "Ed25519" }, imported, ours.signature, utf8(checkpoint.body));
  return { name: "signature", state: holds ? "passed" : "failed", left: `${key.name} ${id}`, right: toHex(ours.signature) };
}

/**
 * `text` is the resource as served (undefined when the caller may see only its proof: the content step is skipped).
 * Proven means: no step failed, and every step but the signature passed.
 */
export async function checkProof(proof: ProofView, text: string | undefined, key: { name: string; publicKey: string }): Promise<Checked> {
  const steps: Step[] = [];
  let path: PathNode[] = [];
  const same = (name: StepName, left: string | undefined, right: string | undefined): boolean => {
    const holds = left !== undefined && left !== "" && left === right?.toLowerCase();
    steps.push({ name, state: holds ? "passed" : "failed", left, right });
    return holds;
  };
  if (text === undefined) steps.push({ name: "content", state: "skipped" });
  else {
    const content = toHex(await sha256(utf8(text)));
    if (same("content", content, proof.contentSha256) && !proof.payload.toLowerCase().includes(content))
      steps[0] = { name: "content", state: "failed", left: content, right: proof.payload, reason: "the hash is not in the entry" };
  }
  const salt = fromHex(proof.salt);
  const leaf = salt ? await sha256(Uint8Array.of(0), await sha256(salt, utf8(proof.payload))) : undefined;
  same("leaf", leaf && toHex(leaf), proof.leafHash);
  const siblings = proof.path.map((hash) => fromHex(hash) ?? new Uint8Array());
  const walked = leaf ? await walk(leaf, proof.index, proof.size, siblings) : undefined;
  path = walked?.nodes ?? [];
  const root = walked && toHex(walked.root);
  same("path", root, proof.root);
  const checkpoint = parseCheckpoint(proof.checkpoint);
  if (!checkpoint || checkpoint.size !== proof.size) steps.push({ name: "checkpoint", state: "failed", reason: checkpoint ? `size ${checkpoint.size}, proof ${proof.size}` : "unreadable checkpoint" });
  else same("checkpoint", root, toHex(checkpoint.root));
  steps.push(checkpoint ? await signatureStep(checkpoint, key) : { name: "signature", state: "failed", reason: "unreadable checkpoint" });
  const proven = steps.every((step) => step.state === "passed" || (step.state === "skipped" && step.name === "signature") || (step.name === "content" && text === undefined));
  return { proven, steps, path };
}
