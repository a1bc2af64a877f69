/** Made-up releases in the published layouts, and a .zip of them, for tests and the bench. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { isSnomedConceptId } from "#knowledge/terminology/check-digit.ts";

export type Files = Readonly<Record<string, string>>;

/** A concept identifier of the short format with its check digit. */
export function conceptId(item: number): string {
  for (let check = 0; check < 10; check++) if (isSnomedConceptId(`${item}00${check}`)) return `${item}00${check}`;
  throw new Error(`no check digit fits ${item}`);
}

export function tabbed(header: string, ...rows: readonly (readonly (string | number)[])[]): string {
  return `${[header.replaceAll(" ", "\t"), ...rows.map((row) => row.join("\t"))].join("\r\n")}\r\n`;
}

const core = "900000000000207008", time = "20240101", inferred = "900000000000011006", some = "900000000000451002";
export const rf2Headers = {
  concept: "id effectiveTime active moduleId definitionStatusId",
  description: "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId",
  relationship: "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId",
  concrete: "id effectiveTime active moduleId sourceId value relationshipGroup typeId characteristicTypeId modifierId",
  language: "id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId",
  simple: "id effectiveTime active moduleId refsetId referencedComponentId",
  association: "id effectiveTime active moduleId refsetId referencedComponentId targetComponentId",
} as const;

/** Ids of the made-up release by name. */
export const rf2 = {
  root: "138875005", isA: "116680003", core, sameAs: "900000000000527005", us: "900000000000509007",
  animal: conceptId(1001), duck: conceptId(1002), oldDuck: conceptId(1003), eats: conceptId(1004), grass: conceptId(1005), weight: conceptId(1006), pets: conceptId(1007),
} as const;

export function rf2Files(): Files {
  const { root, isA, sameAs, us, animal, duck, oldDuck, eats, grass, weight, pets } = rf2;
  const concept = (id: string, active = 1, status = "900000000000074008") => [id, time, active, core, status];
  const description = (item: number, id: string, term: string, type = "900000000000013009", language = "en") => [`${item}012`, time, 1, core, id, language, type, term, "900000000000448009"];
  const relationship = (item: number, source: string, type: string, target: string, group = 0, active = 1, kind = inferred) => [`${item}023`, time, active, core, source, target, group, type, kind, some];
  const terms: readonly (readonly [string, string])[] = [[root, "SNOMED CT Concept"], [isA, "Is a"], [core, "Core module"], [sameAs, "SAME AS"], [us, "US English"], [animal, "Animal"], [oldDuck, "Old duck"], [eats, "Eats"], [grass, "Grass"], [weight, "Weight"], [pets, "Pets"]];
  return {
    "Snapshot/Terminology/sct2_Concept_Snapshot_INT_20240101.txt": tabbed(rf2Headers.concept, ...[root, isA, core, sameAs, us, animal, eats, grass, weight, pets].map((id) => concept(id)), concept(duck, 1, "900000000000073002"), concept(oldDuck, 0)),
    "Snapshot/Terminology/sct2_Description_Snapshot-en_INT_20240101.txt": tabbed(rf2Headers.description,
      ...terms.map(([id, term], i) => description(5000 + i, id, term)), description(6001, duck, "Duck (animal)", "900000000000003001"), description(6002, duck, "Quacker"), description(6003, duck, "Duck"), description(6004, duck, 'The "duck"')),
    "Snapshot/Terminology/sct2_TextDefinition_Snapshot-en_INT_20240101.txt": tabbed(rf2Headers.description, description(6005, duck, "A bird that swims.", "900000000000550004")),
    "Snapshot/Terminology/sct2_Relationship_Snapshot_INT_20240101.txt": tabbed(rf2Headers.relationship,
      ...[isA, core, sameAs, us, animal, eats, grass, weight, pets].map((id, i) => relationship(7000 + i, id, isA, root)), relationship(7101, duck, isA, animal), relationship(7102, duck, eats, grass, 1), relationship(7103, duck, eats, animal, 1, 0), relationship(7104, duck, eats, root, 1, 1, "900000000000010007")),
    "Snapshot/Terminology/sct2_RelationshipConcreteValues_Snapshot_INT_20240101.txt": tabbed(rf2Headers.concrete, ["8001023", time, 1, core, duck, "#1.5", 0, weight, inferred, some]),
    "Snapshot/Terminology/sct2_StatedRelationship_Snapshot_INT_20240101.txt": tabbed(rf2Headers.relationship),
    "Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20240101.txt": tabbed(rf2Headers.language, ["a", time, 1, core, us, "6003012", "900000000000548007"], ["b", time, 1, core, us, "6002012", "900000000000549004"], ["c", time, 0, core, us, "6004012", "900000000000548007"]),
    "Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_INT_20240101.txt": tabbed(rf2Headers.simple, ["d", time, 1, core, pets, duck], ["e", time, 0, core, pets, grass], ["f", time, 1, core, pets, "6003012"]),
    "Snapshot/Refset/Content/der2_cRefset_AssociationSnapshot_INT_20240101.txt": tabbed(rf2Headers.association, ["g", time, 1, core, sameAs, oldDuck, duck]),
    "Snapshot/Refset/Metadata/der2_ssRefset_ModuleDependencySnapshot_INT_20240101.txt": tabbed(`${rf2Headers.simple} sourceEffectiveTime targetEffectiveTime`, ["h", time, 1, core, "900000000000534007", "900000000000012004", time, time]),
    "Full/Terminology/sct2_Concept_Full_INT_20240101.txt": "not read",
  };
}

export function writeFiles(folder: string, files: Files): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Deflated, the first file stored. */
export function zipOf(files: Files): Buffer {
  const parts: Buffer[] = [], directory: Buffer[] = [];
  let at = 0;
  for (const [i, [name, text]] of Object.entries(files).entries()) {
    const bytes = Buffer.from(text), packed = i === 0 ? bytes : deflateRawSync(bytes), label = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(i === 0 ? 0 : 8, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(label.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), shared, tail, label);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, label, packed]);
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory), end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}
