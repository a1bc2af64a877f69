/**
 * What leaves say was written, against what is there, in room that does not grow with the record: for each of some
 * 65,536 groups of references the sum of a keyed hash of each statement, added for a leaf and subtracted for a version.
 * Where all is sound the sums are 0; a group whose sum is not is looked at again, statement by statement.
 */
import { hash, randomBytes } from "node:crypto";

/** Of one version. `sha256`: hex, of the content. */
export type Statement = { reference: string; version: number; deleted: boolean; sha256: string };

export const groupsCount = 2 ** 16;

/** What a leaf says, where it is one of a version; undefined for all others and for those that a purge emptied. */
export function statementOf(payload: string): Statement | undefined {
  if (payload === "") return undefined;
  try {
    const { kind, reference, version, sha256 } = JSON.parse(payload) as { kind?: string; reference?: string; version?: number; sha256?: string };
    const isOfVersion = kind === "create" || kind === "update" || kind === "delete" || kind === "meta";
    return isOfVersion && reference !== undefined && version !== undefined && sha256 !== undefined ? { reference, version, deleted: kind === "delete", sha256 } : undefined;
  } catch { return undefined; }
}

/** FNV-1a. */
export function groupOf(reference: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < reference.length; i++) sum = Math.imul(sum ^ reference.charCodeAt(i), 0x01000193);
  return (sum ^ sum >>> 16) & groupsCount - 1;
}

export class Balance {
  /** Unknown beforehand, so that nobody can make up statements whose hashes cancel out. */
  readonly #key = randomBytes(16).toString("hex");
  readonly #sums = new Uint32Array(2 * groupsCount);

  add(statement: Statement): void {
    this.#move(statement, 1);
  }

  subtract(statement: Statement): void {
    this.#move(statement, -1);
  }

  #move({ reference, version, deleted, sha256 }: Statement, sign: 1 | -1): void {
    const digest = hash("sha256", `${this.#key} ${reference} ${version} ${deleted} ${sha256}`, "buffer"), at = 2 * groupOf(reference);
    this.#sums[at]! += sign * digest.readUInt32LE(0);
    this.#sums[at + 1]! += sign * digest.readUInt32LE(4);
  }

  /** Groups that do not come to 0. */
  uneven(): number[] {
    return Array.from({ length: groupsCount }, (_, group) => group).filter((group) => this.#sums[2 * group] !== 0 || this.#sums[2 * group + 1] !== 0);
  }
}
