/**
 * Passwords: scrypt (RFC 7914), parameters recorded beside each hash so that they can grow.
 * N = 2^15, r = 8, p = 3 is one of the equal settings of the OWASP Password Storage Cheat Sheet (32 MB a check).
 * Rules after NIST SP 800-63B section 5.1.1.2: length and a list of common ones, no composition rules.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { ok, refuse, type Result } from "#platform/result.ts";

export type PasswordCost = { N: number; r: number; p: number };
export const passwordCost: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };
export const passwordLengthMin = 12;
const passwordLengthMax = 1024;
const hashLength = 32;

/** "scrypt$N$r$p$salt$hash", salt and hash in base64url. */
export async function hashPassword(password: string, cost: PasswordCost = passwordCost): Promise<string> {
  const salt = randomBytes(16);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), (await derive(password, salt, cost)).toString("base64url")].join("$");
}

/**
 * Whether the password is the one hashed. Without a hash (no such account) the same work is done and the answer
 * is false, so that the time taken does not tell which usernames exist.
 */
export async function verifyPassword(password: string, stored: string | undefined, cost: PasswordCost = passwordCost): Promise<boolean> {
  const parsed = stored === undefined ? undefined : parse(stored);
  const given = await derive(password.slice(0, passwordLengthMax), parsed?.salt ?? Buffer.alloc(16), parsed?.cost ?? cost);
  return timingSafeEqual(given, parsed?.hash ?? Buffer.alloc(hashLength)) && parsed !== undefined;
}

/** Whether a stored hash was made with other parameters than today's, so that the next sign-in renews it. */
export function isOutdated(stored: string, cost: PasswordCost = passwordCost): boolean {
  const { N, r, p } = parse(stored).cost;
  return N !== cost.N || r !== cost.r || p !== cost.p;
}

function parse(stored: string): { cost: PasswordCost; salt: Buffer; hash: Buffer } {
  const [scheme, N, r, p, salt, hash, ...more] = stored.split("$");
  if (scheme !== "scrypt" || hash === undefined || more.length > 0) throw new Error("a stored password hash has a form this version does not know");
  return { cost: { N: Number(N), r: Number(r), p: Number(p) }, salt: Buffer.from(salt!, "base64url"), hash: Buffer.from(hash, "base64url") };
}

function derive(password: string, salt: Uint8Array, { N, r, p }: PasswordCost): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password.normalize("NFKC"), salt, hashLength, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key))));
}

/** Refuses passwords that are short, common, one pattern repeated, or little more than the username. */
export function checkPassword(password: string, username: string): Result<void> {
  const length = [...password].length;
  if (length < passwordLengthMin) return refuse("value", { code: "password-short", min: passwordLengthMin }, `a password has at least ${passwordLengthMin} characters; a sentence is easy to keep in mind`);
  if (length > passwordLengthMax) return refuse("value", { code: "password-long", max: passwordLengthMax }, `a password has at most ${passwordLengthMax} characters`);
  const plain = undisguised(password);
  if (/^(.{0,4}?)\1*$/su.test(plain) || isRun(plain) || isRun(password.toLowerCase())) return refuse("value", { code: "password-pattern" }, "this password repeats one pattern; choose another");
  const rest = commonParts.reduce((left, part) => left.replaceAll(part, ""), plain.replaceAll(undisguised(username), ""));
  if (rest.replaceAll(/\d/g, "").length < 4) return refuse("value", { code: "password-common" }, "this password is made of the username or of words found in every list of common passwords; choose another");
  return ok(undefined);
}

/** Small letters and digits, with the usual replacements undone: "P@ssw0rd-2024" → "password2o24". */
function undisguised(text: string): string {
  const replaced: Record<string, string> = { "@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t" };
  const lower = text.normalize("NFKC").toLowerCase();
  const letters = lower.replaceAll(/[@!$]|(?<=\p{L})[431057](?=\p{L}|$)|[431057](?=\p{L})/gu, (c) => replaced[c] ?? c);
  return letters.replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Whether the whole text walks one way through an alphabet, the digits or a keyboard row: "123456789012", "qwertyuiop12". */
function isRun(text: string): boolean {
  const rows = ["abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"];
  return [...rows, ...rows.map((row) => [...row].reverse().join(""))].some((row) => row.includes(text));
}

/** Words that make up the common passwords of 12 characters and more; a password of these and digits alone is guessed first. */
const commonParts = [
  "password", "passwort", "passcode", "letmein", "welcome", "administrator", "admin", "iloveyou", "sunshine", "princess", "football", "baseball",
  "superman", "batman", "dragon", "monkey", "master", "shadow", "trustno", "whatever", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn",
  "qazwsxedc", "qazwsx", "iqaz", "wsx", "changeme", "default", "secret", "hospital", "clinic", "doctor", "patient", "nurse", "health", "salus", "woaini", "test", "guest", "login",
  "user", "root", "abc", "access", "hello", "computer", "internet", "michael", "jordan", "liverpool", "chelsea", "starwars", "pokemon", "mustang", "freedom", "summer", "winter", "spring", "autumn",
  "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december", "monday", "friday", "company", "correcthorsebatterystaple",
].sort((a, b) => b.length - a.length);
