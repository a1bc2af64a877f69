import assert from "node:assert/strict";
import { test } from "node:test";
import { openCheckpoint, signCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { leafHash } from "./hash.ts";
import { generateSigner, signatureType } from "./note.ts";
import { consistencyProof } from "./proof.ts";
import { tileHashReader } from "./reader.ts";
import { append, emptyFrontier, rootOfLeaves } from "./tree.ts";
import { addCheckpoint, type WitnessAnswer } from "./witness.ts";

const log = generateSigner("log.example"), witness = generateSigner("w.example", signatureType.cosignatureV1);
const leaves = Array.from({ length: 9 }, (_, i) => leafHash(Buffer.of(i)));
const at = (size: number): Checkpoint => ({ origin: "log.example", size, root: rootOfLeaves(leaves.slice(0, size)), extensions: [] });
const signed = (size: number): string => signCheckpoint(at(size), [log]);

function ask(body: string, known?: Checkpoint): WitnessAnswer {
  return addCheckpoint(body, [{ origin: "log.example", verifiers: [log] }], () => known, [witness], new Date(0));
}

async function request(old: number, size: number): Promise<string> {
  const { tiles } = append(emptyFrontier, leaves.slice(0, size));
  const proof = old === 0 || old === size ? [] : await consistencyProof(old, size, tileHashReader(size, async () => tiles.map(({ hashes }) => hashes)));
  return [`old ${old}`, ...proof.map((hash) => Buffer.from(hash).toString("base64")), "", signed(size)].join("\n");
}

test("first use, growth and repetition are cosigned", async () => {
  for (const [old, size] of [[0, 4], [4, 9], [6, 7], [9, 9]] as const) {
    const answer = ask(await request(old, size), old === 0 ? undefined : at(old));
    assert.equal(answer.status, 200, answer.body);
    const cosigned = openCheckpoint(signed(size) + answer.body, [log, witness]);
    assert(cosigned.ok && cosigned.value.note.verified.length === 2);
  }
});

test("each refusal has its status (C2SP tlog-witness)", async () => {
  const forked = { ...at(4), root: leafHash(Buffer.from("fork")) };
  const stranger = signCheckpoint({ ...at(4), origin: "stranger.example" }, [generateSigner("stranger.example")]);
  const cases: [number, string, Checkpoint | undefined][] = [
    [400, "nothing", undefined], [400, `old x\n\n${signed(4)}`, undefined], [400, `old 0\nAAAA\n\n${signed(4)}`, undefined], [400, `old 5\n\n${signed(4)}`, at(5)], [400, "old 0\n\nlog.example\n4\n", undefined],
    [403, `old 0\n\n${signCheckpoint(at(4), [generateSigner("log.example")])}`, undefined], [404, `old 0\n\n${stranger}`, undefined],
    [409, await request(4, 9), at(6)], [409, await request(0, 9), at(6)], [409, await request(4, 4), forked],
    [422, `old 4\n\n${signed(9)}`, at(4)], [422, await request(4, 9), forked], [422, (await request(4, 9)).replace("old 4", "old 0"), undefined],
  ];
  for (const [status, body, known] of cases) assert.equal(ask(body, known).status, status, body);
  const stale = ask(await request(4, 9), at(6));
  assert(stale.status === 409 && stale.body === "6\n" && stale.contentType === "text/x.tlog.size");
});
