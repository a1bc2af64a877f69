/** Which descriptions are preferred or acceptable in which language reference sets, for millions of them in little memory. */

const refsetsMax = 32;

/** By identifier of a description: 16 bytes each, and room to spare. */
export class Acceptabilities {
  readonly refsets: string[] = [];
  /** Open addressing: item digits and partition of the identifier, which fit a number; 0 is free. */
  #keys = new Float64Array(1 << 16);
  #preferred = new Uint32Array(1 << 16);
  #acceptable = new Uint32Array(1 << 16);
  #size = 0;

  /** False where there are more reference sets than are kept. */
  add(description: string, refset: string, isPreferred: boolean): boolean {
    let bit = this.refsets.indexOf(refset);
    if (bit < 0) bit = this.refsets.push(refset) - 1;
    if (bit >= refsetsMax) return false;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    const at = this.#place(keyOf(description));
    if (this.#keys[at] === 0) {
      this.#keys[at] = keyOf(description);
      this.#size += 1;
    }
    const list = isPreferred ? this.#preferred : this.#acceptable;
    list[at]! |= 1 << bit;
    return true;
  }

  of(description: string): { preferred: string[]; acceptable: string[] } {
    const at = this.#place(keyOf(description));
    return { preferred: this.#names(this.#preferred[at]!), acceptable: this.#names(this.#acceptable[at]!) };
  }

  #names(bits: number): string[] {
    return bits === 0 ? none : this.refsets.filter((_, bit) => (bits >>> bit) & 1);
  }

  #place(key: number): number {
    const mask = this.#keys.length - 1;
    let at = (Math.imul(key % 4294967296, 0x9e3779b1) ^ Math.imul(key / 4294967296, 0x85ebca6b)) >>> 4 & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const keys = this.#keys, preferred = this.#preferred, acceptable = this.#acceptable;
    this.#keys = new Float64Array(keys.length * 2);
    this.#preferred = new Uint32Array(keys.length * 2);
    this.#acceptable = new Uint32Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) if (keys[i] !== 0) {
      const at = this.#place(keys[i]!);
      this.#keys[at] = keys[i]!;
      this.#preferred[at] = preferred[i]!;
      this.#acceptable[at] = acceptable[i]!;
    }
  }
}

const none: string[] = [];

/** The check digit adds nothing, and of the partition only "own namespace or not"; at most 15 digits are left. */
function keyOf(id: string): number {
  return Number(id.slice(0, -3)) * 2 + (id.at(-3) === "1" ? 1 : 0) + 1;
}
