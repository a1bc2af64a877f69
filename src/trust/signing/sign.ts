/** A person's signature under exact bytes, in the form FHIR Provenance holds, and its check. */
import type { Sql } from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import { accountOf, rowById } from "../identity/accounts.ts";
import type { Signed, VerifiedSignature } from "../trust.ts";
import type { Custody } from "./custody.ts";
import { parseJws, signJws, verifyJws } from "./jws.ts";
import { activeKey, publicKeyById } from "./keys.ts";

/** ASTM E1762 through HL7's signature-type value set: the author signs what they wrote. */
const authorSignature = { system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1", display: "Author's Signature" };

export async function signDetached(sql: Sql, custody: Custody, accountId: string, bytes: Uint8Array, contentType: string, when: Date): Promise<Result<Signed>> {
  const row = await rowById(sql, accountId);
  if (!row) return fail("not-found", "there is no such account to sign with");
  if (row.disabled) return fail("forbidden", "a disabled account does not sign");
  const account = accountOf(row);
  const key = await activeKey(sql, custody, `account:${account.id}`, account.agent, when);
  if (!key.ok) return key;
  const iat = Math.floor(when.getTime() / 1000);
  const jws = signJws({ alg: "EdDSA", kid: key.value.id, cty: contentType, iat }, bytes, key.value.privateKey);
  const instant = new Date(iat * 1000).toISOString();
  return ok({
    jws, keyId: key.value.id, when: instant,
    signature: {
      type: [authorSignature], when: instant, who: { reference: account.agent, display: account.display.en },
      targetFormat: contentType, sigFormat: "application/jose", data: Buffer.from(jws).toString("base64"),
    },
  });
}

export async function verifyDetached(sql: Sql, jws: string, bytes: Uint8Array): Promise<Result<VerifiedSignature>> {
  const parsed = parseJws(jws);
  if (!parsed.ok) return parsed;
  const { header, head, signature } = parsed.value;
  const key = await publicKeyById(sql, header.kid);
  if (!key || !key.owner.startsWith("account:")) return fail("not-found", "the signing key is not known on this node");
  if (!verifyJws(head, signature, bytes, key.public_key)) return fail("invalid", "the signature does not fit: the content was changed after signing, or it belongs to other content");
  const when = new Date(header.iat * 1000);
  if (key.retired && when > key.retired) return fail("invalid", "the signature claims a time after its key was retired");
  return ok({ keyId: key.id, accountId: key.owner.slice("account:".length), agent: key.agent, when: when.toISOString(), retired: key.retired !== null });
}
