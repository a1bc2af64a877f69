/**
 * The numbers a record is placed and found by.
 * rid: first 64 bits of SHA-256("Type/id"), signed. It names a resource in every table.
 * ck (bucket): 20 bits; the bucket of the person a resource was filed under at creation. For placing rows only.
 * Server-assigned ids are 24 characters of Crockford's base 32: four carry the bucket, twenty are random (100 bits).
 * An id of that form, whoever assigned it, lies in the bucket it names; so it routes without asking.
 */
import { hash, randomFillSync } from "node:crypto";
import { patientCompartmentParams } from "#fhir/definitions/load.ts";

const digits = "0123456789abcdefghjkmnpqrstvwxyz";
const valueOf = new Map([...digits].map((digit, value) => [digit, value]));
const routable = /^[0-9a-hjkmnp-tv-z]{24}$/;
export const bucketCount = 2 ** 20;

const cacheMax = 100_000;
const longs = new Map<string, string>();
const shorts = new Map<string, number>();

/** First 64 bits of SHA-256 as a signed decimal. */
export function hash64(text: string): string {
  let found = longs.get(text);
  if (found === undefined) {
    found = shortHash64(text);
    if (longs.size >= cacheMax) longs.clear();
    longs.set(text, found);
  }
  return found;
}

/** As text of one byte a letter: a Buffer made outside of JavaScript, and a BigInt's decimal, cost more than the hash itself. */
function shortHash64(text: string): string {
  const bytes = hash("sha256", text, "binary");
  return signedDecimal(word(bytes, 0), word(bytes, 4));
}

function word(bytes: string, at: number): number {
  return bytes.charCodeAt(at) << 24 | bytes.charCodeAt(at + 1) << 16 | bytes.charCodeAt(at + 2) << 8 | bytes.charCodeAt(at + 3);
}

/** Of a signed number of 64 bits, given as two of 32. */
export function signedDecimal(high: number, low: number): string {
  if (high < 0) return `-${signedDecimal(~high + (low === 0 ? 1 : 0), -low | 0)}`;
  // Divided by 10^7, sixteen bits at a time; what is left of 63 bits is exact, then by 10^6.
  let rest = high >>> 0;
  const q0 = Math.floor(rest / 1e7);
  rest = (rest - q0 * 1e7) * 65536 + (low >>> 16);
  const q1 = Math.floor(rest / 1e7);
  rest = (rest - q1 * 1e7) * 65536 + (low & 65535);
  const q2 = Math.floor(rest / 1e7), last = rest - q2 * 1e7;
  const upper = (q0 * 65536 + q1) * 65536 + q2, first = Math.floor(upper / 1e6), middle = upper - first * 1e6;
  if (first > 0) return `${first}${padded(middle, 1e6)}${padded(last, 1e7)}`;
  return middle > 0 ? `${middle}${padded(last, 1e7)}` : `${last}`;
}

/** With leading zeros, to the digits of `power` less one. */
function padded(value: number, power: number): string {
  return `${value + power}`.slice(1);
}

/** First 32 bits of SHA-256, signed. For names from the specification and for systems, where rows are told apart by a longer hash too. */
export function hash32(text: string): number {
  let found = shorts.get(text);
  if (found === undefined) {
    found = word(hash("sha256", text, "binary"), 0);
    if (shorts.size >= cacheMax) shorts.clear();
    shorts.set(text, found);
  }
  return found;
}

/** `high`: the first 32 bits, signed. */
type ResourceHash = { rid: string; high: number };

/** By type and id, so that no text is put together for what is known. */
const resources = new Map<string, Map<string, ResourceHash>>();
let resourceCount = 0;

function hashOf(type: string, id: string): ResourceHash {
  let found = resources.get(type)?.get(id);
  if (found === undefined) {
    const bytes = hash("sha256", `${type}/${id}`, "binary"), high = word(bytes, 0);
    found = { rid: signedDecimal(high, word(bytes, 4)), high };
    if (resourceCount >= cacheMax) { resources.clear(); resourceCount = 0; }
    resourceCount++;
    const ofType = resources.get(type);
    if (ofType) ofType.set(id, found); else resources.set(type, new Map([[id, found]]));
  }
  return found;
}

export function ridOf(type: string, id: string): string {
  return hashOf(type, id).rid;
}

/** Bucket that an id tells by itself; undefined for client-assigned ids of types filed under a person: those are in the directory. */
export function placeOf(type: string, id: string): number | undefined {
  if (isAssignedForm(id)) {
    let bucket = 0;
    for (let i = 0; i < 4; i++) bucket = bucket * 32 + valueOf.get(id[i]!)!;
    return bucket;
  }
  return tellsPlace(type) ? hashOf(type, id).high >>> 12 : undefined;
}

/** Whether every id of the type tells its bucket. */
export function tellsPlace(type: string): boolean {
  return type === "Patient" || !patientCompartmentParams(type);
}

/** Whether an id has the form of those assigned here. One that a client chose in this form is in the directory. */
export function isAssignedForm(id: string): boolean {
  return id.length === 24 && routable.test(id);
}

let pool = Buffer.alloc(0);
let used = 0;

function randomBytes(count: number): Buffer {
  if (used + count > pool.length) { pool = randomFillSync(Buffer.allocUnsafe(8192)); used = 0; }
  return pool.subarray(used, (used += count));
}

export function randomBucket(): number {
  return randomBytes(4).readUInt32BE(0) >>> 12;
}

/** 16 random bytes as 32 hex digits. */
export function newSalt(): string {
  return randomBytes(16).toString("hex");
}

export function newId(bucket: number): string {
  let id = digits[(bucket >> 15) & 31]! + digits[(bucket >> 10) & 31]! + digits[(bucket >> 5) & 31]! + digits[bucket & 31]!;
  for (const byte of randomBytes(20)) id += digits[byte & 31]!;
  return id;
}

type Param = { key: number; codes: Map<string, string> };
const params = new Map<string, Map<string, Param>>();

/** Names from the specification only, so the map stays small; its codes are bounded. */
function paramOf(type: string, param: string): Param {
  let ofType = params.get(type);
  if (!ofType) params.set(type, ofType = new Map());
  let found = ofType.get(param);
  if (!found) ofType.set(param, found = { key: hash32(`${type}.${param}`), codes: new Map() });
  return found;
}

const codesMax = 2000;

/** A search parameter of one type. */
export function paramKey(type: string, param: string): number {
  return paramOf(type, param).key;
}

export function codeKey(type: string, param: string, code: string): string {
  const { codes } = paramOf(type, param);
  let found = codes.get(code);
  if (found === undefined) {
    found = shortHash64(`${type}.${param}=${code}`);
    if (codes.size >= codesMax) codes.clear();
    codes.set(code, found);
  }
  return found;
}

/** 0 stands for no system. */
export function systemKey(system: string | undefined): number {
  return system === undefined ? 0 : hash32(`system ${system}`) || 1;
}

export function urlKey(url: string): string {
  return hash64(`url ${url}`);
}

/** What references to a contained resource have as target; `rid` is of what holds it. */
export function containedKey(rid: string, id: string): string {
  return hash64(`contained ${rid}#${id}`);
}

/** Rows of contained resources stand under a name of their type that no stored resource has, so that nobody takes them for one. */
export function containedType(type: string): string {
  return `#${type}`;
}

/** Of the row that says that a resource of type `holder` contains one of type `type`. */
export function containedParam(type: string): number {
  return paramKey(containedType(type), "");
}

export function containedCode(type: string, holder: string): string {
  return codeKey(containedType(type), "", holder);
}

/** Of rows that say which contained resource an element of composites is part of. */
export function containedElementParam(type: string): number {
  return paramKey(containedType(type), "element");
}

/** Any of the two may be absent; used for logical references. */
export function identifierKey(system: string | undefined, value: string | undefined): string {
  return hash64(`identifier ${JSON.stringify([system ?? null, value ?? null])}`);
}
