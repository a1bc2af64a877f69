/**
 * Leaves that a purge emptied: each must be listed, and the list of each purge must be the one whose hash stands in the
 * ledger. So nothing is erased without a leaf that says how much, and which leaves it was.
 */
import type { Queryable } from "../sql.ts";
import { sha256Hex } from "./leaf.ts";
import type { VerifyFault } from "./verify-report.ts";

export class Purges {
  readonly #of: ReadonlyMap<number, string>;
  readonly #stated: ReadonlySet<string>;
  readonly #lines = new Map<string, string[]>();

  private constructor(of: ReadonlyMap<number, string>, stated: ReadonlySet<string>) {
    this.#of = of;
    this.#stated = stated;
  }

  static async read(tx: Queryable): Promise<Purges> {
    const erased = await tx.unsafe<{ idx: string; purge: string }[]>("select idx, purge from erased");
    const payloads = await tx.unsafe<{ payload: string }[]>("select payload from leaf where kind = 'purge' union all select payload from leaf_pending where kind = 'purge'");
    return new Purges(new Map(erased.map(({ idx, purge }) => [Number(idx), purge])), new Set(payloads.map(({ payload }) => statedBy(payload))));
  }

  /** A leaf without payload, met in order of index; `hash` as published. */
  see(index: number, hash: Uint8Array): VerifyFault | undefined {
    const purge = this.#of.get(index);
    if (purge === undefined) return { what: "leaf", fault: { code: "leaf-emptied", index }, text: `Leaf ${index} was emptied, and no purge says so` };
    const lines = this.#lines.get(purge) ?? [];
    this.#lines.set(purge, lines);
    lines.push(`${index} ${Buffer.from(hash).toString("hex")}`);
    return undefined;
  }

  /** After all leaves. */
  faults(): VerifyFault[] {
    return [...new Set(this.#of.values())].filter((purge) => !this.#stated.has(`Purge/${purge} ${sha256Hex((this.#lines.get(purge) ?? []).join("\n"))}`))
      .map((purge) => ({ what: "leaf", fault: { code: "purge-differs" }, reference: `Purge/${purge}`, text: `Purge/${purge}: the leaves emptied under its name are not those that the ledger says it emptied` }));
  }
}

function statedBy(payload: string): string {
  try {
    const { reference, sha256 } = JSON.parse(payload) as { reference?: string; sha256?: string };
    return `${reference} ${sha256}`;
  } catch { return ""; }
}
