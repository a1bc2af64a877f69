/**
 * Custody of private keys: each is sealed with AES-256-GCM under the node's key-encryption key, which stands in
 * a file beside the database, never in it. Who has the database alone cannot sign; who has both can. What that
 * proves and what not: docs/trust.md.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { link, mkdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { sha256 } from "#ledger/hash.ts";
import { fail, ok, type Result } from "#platform/result.ts";

const keyBytes = 32, idBytes = 8, ivBytes = 12, tagBytes = 16;
const form = 1;

/** Seals and opens secrets. `about` is bound to the secret: a sealed key moved to another owner does not open. */
export type Custody = { seal(secret: Uint8Array, about: string): Buffer; open(sealed: Uint8Array, about: string): Result<Buffer> };

/** `key`: 32 bytes. Sealed form: 1 ‖ key id (8) ‖ iv (12) ‖ tag (16) ‖ ciphertext. */
export function custodyOf(key: Uint8Array): Custody {
  const id = sha256(Buffer.concat([Buffer.from("salus key-encryption key\n"), key])).subarray(0, idBytes);
  return {
    seal(secret, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([Buffer.of(form), id, iv, cipher.getAuthTag(), text]);
    },
    open(sealed, about) {
      const head = 1 + idBytes + ivBytes + tagBytes;
      if (sealed.length < head || sealed[0] !== form) return fail("exception", "a sealed key has a form this version does not know");
      if (!id.equals(sealed.subarray(1, 1 + idBytes)))
        return fail("exception", "a signing key was sealed under another key file; give that file by SALUS_KEY_FILE, or rotate the signing key");
      const iv = sealed.subarray(1 + idBytes, 1 + idBytes + ivBytes);
      const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(head - tagBytes, head));
      try {
        return ok(Buffer.concat([decipher.update(sealed.subarray(head)), decipher.final()]));
      } catch {
        return fail("exception", "a sealed signing key does not open: its row was changed or belongs to another owner");
      }
    },
  };
}

/**
 * The node's key file: `SALUS_KEY_FILE` where set (it must exist), else `<dataDirectory>/keys/node.key`, made at
 * first use with mode 0600. The file holds 32 random bytes in base64. Codes: "not-found", "forbidden", "invalid".
 */
export async function openCustody(dataDirectory: string, keyFile: string | undefined = process.env.SALUS_KEY_FILE): Promise<Result<Custody>> {
  const path = resolve(keyFile || join(dataDirectory, "keys", "node.key"));
  if (!keyFile) await makeKeyFile(path);
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) return fail("forbidden", `other users can read the key file ${path}; run: chmod 600 ${path}`);
    text = await readFile(path, "utf8");
  } catch (error) {
    return fail("not-found", `the key file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}); make one with: (umask 077; openssl rand -base64 32 > ${path})`);
  }
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== keyBytes || key.toString("base64") !== text.trim()) return fail("invalid", `the key file ${path} does not hold 32 bytes in base64`);
  return ok(custodyOf(key));
}

/** Whole or not at all, and never over a file that is there: the loser of a race reads the winner's key. */
async function makeKeyFile(path: string): Promise<void> {
  try {
    await stat(path);
    return;
  } catch { /* made below */ }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
}
