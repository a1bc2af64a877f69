/**
 * A made-up SNOMED CT release of the size of the international edition, written as RF2 files: 350,000 concepts in a
 * hierarchy of about the real one's depth, 1.5 million descriptions, 1.2 million relationships. The same seed, the same
 * bytes.
 */
import { createWriteStream, mkdirSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { conceptId, rf2, rf2Headers } from "#exchange/terminology/testing.ts";

export type Size = { concepts: number; descriptionsEach: number; attributesEach: number };
export const snomedSize: Size = { concepts: 350_000, descriptionsEach: 4.3, attributesEach: 2.1 };

export type Synthetic = { ids: readonly string[]; attributes: readonly string[]; refset: string; descriptions: number; relationships: number };

const time = "20240101", core = rf2.core, inferred = "900000000000011006", some = "900000000000451002";

/** mulberry32: small, seeded. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export async function writeRelease(folder: string, { concepts, descriptionsEach, attributesEach }: Size): Promise<Synthetic> {
  const next = random(7);
  const below = (count: number) => Math.floor(next() * count);
  const syllables = ["car", "dio", "my", "o", "path", "gas", "tro", "hep", "at", "neu", "ral", "ost", "e", "sis", "der", "mal", "pul", "mon", "ren", "vas"];
  const words = Array.from({ length: 4000 }, () => Array.from({ length: 2 + below(3) }, () => syllables[below(syllables.length)]!).join(""));
  const meta = [rf2.root, rf2.isA, core, rf2.us];
  const ids = [...meta, ...Array.from({ length: concepts - meta.length }, (_, i) => conceptId(1_000_000 + i))];
  const attributes = ids.slice(10, 70), refset = ids[71]!;
  mkdirSync(folder, { recursive: true });
  let descriptions = 0, relationships = 0;

  async function file(name: string, header: string, rows: (write: (...cells: readonly (string | number)[]) => void) => Iterable<void>): Promise<void> {
    const stream = createWriteStream(join(folder, name));
    let text = `${header.replaceAll(" ", "\t")}\n`;
    for (const _ of rows((...cells) => { text += `${cells.join("\t")}\n`; })) if (text.length > 1 << 20) {
      if (!stream.write(text)) await once(stream, "drain");
      text = "";
    }
    stream.end(text);
    await finished(stream);
  }

  await file("sct2_Concept_Snapshot_INT_20240101.txt", rf2Headers.concept, function* (write) {
    for (const id of ids) yield write(id, time, 1, core, next() < 0.3 ? "900000000000073002" : "900000000000074008");
  });
  await file("sct2_Description_Snapshot-en_INT_20240101.txt", rf2Headers.description, function* (write) {
    for (const [i, id] of ids.entries()) for (let n = Math.floor(descriptionsEach + next()), k = 0; k < n; k++) {
      const term = Array.from({ length: 2 + below(5) }, () => words[Math.floor(words.length * next() ** 2)]).join(" ");
      descriptions += 1;
      yield write(`${i + 1}${k}012`, time, 1, core, id, "en", k === 0 ? "900000000000003001" : "900000000000013009", k === 0 ? `${term} (thing)` : term, "900000000000448009");
    }
  });
  await file("der2_cRefset_LanguageSnapshot-en_INT_20240101.txt", rf2Headers.language, function* (write) {
    for (const i of ids.keys()) for (let k = 0; k < 4; k++) yield write(`${i}-${k}`, time, 1, core, rf2.us, `${i + 1}${k}012`, k < 2 ? "900000000000548007" : "900000000000549004");
  });
  await file("sct2_Relationship_Snapshot_INT_20240101.txt", rf2Headers.relationship, function* (write) {
    const row = (source: number, type: string, target: string, group: number) => write(`${++relationships}029`, time, 1, core, ids[source]!, target, group, type, inferred, some);
    for (let i = 1; i < ids.length; i++) {
      // Cubes and squares of chance keep the upper levels broad, as in the real hierarchy.
      const parents = new Set([Math.floor(i * next() ** 2)]);
      if (i > 100 && next() < 0.35) parents.add(Math.floor(i * next() ** 2));
      for (const parent of parents) yield row(i, rf2.isA, ids[parent]!, 0);
      if (i < 100) continue;
      for (let n = Math.floor(attributesEach + next()), k = 0; k < n; k++) yield row(i, attributes[Math.floor(attributes.length * next() ** 2)]!, ids[100 + Math.floor((i - 99) * next() ** 2)]!, 1 + (k >> 1));
    }
  });
  await file("der2_Refset_SimpleSnapshot_INT_20240101.txt", rf2Headers.simple, function* (write) {
    for (let i = 100; i < ids.length; i += 17) yield write(`m${i}`, time, 1, core, refset, ids[i]!);
  });
  return { ids, attributes, refset, descriptions, relationships };
}
