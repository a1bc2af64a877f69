/**
 * Detached JWS, compact form, Ed25519. Sources: RFC 7515 (appendix F: detached content), RFC 8037 (EdDSA),
 * RFC 7638 (key id by thumbprint). The payload is the exact bytes: a stranger checks it with any JOSE library
 * by putting BASE64URL(bytes) between the two dots.
 */
import { sign, verify, type KeyObject } from "node:crypto";
import { publicKeyOf } from "#ledger/note.ts";
import { sha256 } from "#ledger/hash.ts";
import { fail, ok, type Result } from "#platform/result.ts";

/** `iat`: when the signer says it signed, seconds since 1970. `cty`: media type of the bytes. */
export type JwsHeader = { alg: "EdDSA"; kid: string; cty?: string; iat: number };

const headerCharactersMax = 4_096;

/** RFC 7638 thumbprint of an Ed25519 public key (32 bytes). */
export function thumbprint(publicKey: Uint8Array): string {
  return sha256(Buffer.from(`{"crv":"Ed25519","kty":"OKP","x":"${Buffer.from(publicKey).toString("base64url")}"}`)).toString("base64url");
}

export function signJws(header: JwsHeader, bytes: Uint8Array, privateKey: KeyObject): string {
  const head = Buffer.from(JSON.stringify(header)).toString("base64url");
  return `${head}..${sign(null, signingInput(head, bytes), privateKey).toString("base64url")}`;
}

/** Reads a detached JWS without checking its signature. Only what Salus signs is taken: EdDSA, no critical extensions. */
export function parseJws(jws: string): Result<{ header: JwsHeader; head: string; signature: Buffer }> {
  const [head = "", payload, signatureText, ...more] = jws.split(".");
  if (payload === undefined || signatureText === undefined || more.length > 0) return fail("invalid", "a compact JWS has three parts with dots between them");
  if (payload !== "") return fail("invalid", "this JWS carries its content; a detached one has nothing between its dots");
  if (head.length > headerCharactersMax) return fail("too-long", `the header of a JWS has at most ${headerCharactersMax} characters here`);
  const signature = fromBase64Url(signatureText);
  if (signature?.length !== 64) return fail("invalid", "the signature of the JWS is not base64url of 64 bytes");
  let header: unknown;
  try {
    header = JSON.parse(fromBase64Url(head)?.toString("utf8") ?? "");
  } catch {
    return fail("invalid", "the header of the JWS is not base64url of JSON");
  }
  if (typeof header !== "object" || header === null) return fail("invalid", "the header of the JWS is not an object");
  const { alg, kid, cty, iat, crit, b64 } = header as Record<string, unknown>;
  if (alg !== "EdDSA") return fail("not-supported", `the JWS is signed with ${JSON.stringify(alg)?.slice(0, 40)}; only EdDSA is taken`);
  if (crit !== undefined || b64 !== undefined) return fail("not-supported", "the JWS has critical header extensions, which are not taken");
  if (typeof kid !== "string" || kid === "") return fail("invalid", "the header of the JWS names no key (kid)");
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || Math.abs(iat) > 8.64e12) return fail("invalid", "the header of the JWS does not say when it was signed (iat)");
  return ok({ header: { alg, kid, iat, ...(typeof cty === "string" ? { cty } : {}) }, head, signature });
}

export function verifyJws(head: string, signature: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array): boolean {
  return verify(null, signingInput(head, bytes), publicKeyOf(publicKey), signature);
}

function signingInput(head: string, bytes: Uint8Array): Buffer {
  return Buffer.from(`${head}.${Buffer.from(bytes).toString("base64url")}`, "latin1");
}

function fromBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
