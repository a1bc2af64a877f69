/** The profiles that this record holds, for its CapabilityStatement: StructureDefinitions that constrain a resource type. */
import { isResourceType } from "#fhir/definitions/load.ts";
import type { Queryable } from "./sql.ts";

/** `url`: canonical, without version. */
export type StoredProfile = { type: string; url: string };

const definitionsMax = 10_000;
/** Held at once: one may have hundreds of KiB. */
const batch = 50;
/** The greatest bigint. */
const last = "9223372036854775807";

/** Read again only when a StructureDefinition was written since: whole packages of them are large. */
export class KnownProfiles {
  readonly #db: Queryable;
  #known: { mark: string; profiles: readonly StoredProfile[] } | undefined;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async get(): Promise<readonly StoredProfile[]> {
    const [row] = await this.#db.unsafe<{ mark: string }[]>("select count(*) || ' ' || coalesce(max(updated), 0) as mark from resource where type = 'StructureDefinition'", [], { prepare: true });
    const { mark } = row!;
    if (this.#known?.mark !== mark) this.#known = { mark, profiles: await readProfiles(this.#db) };
    return this.#known.profiles;
  }
}

async function readProfiles(db: Queryable): Promise<StoredProfile[]> {
  const profiles = new Map<string, StoredProfile>();
  let [updated, rid]: [string, string] = [last, last];
  for (let read = 0; read < definitionsMax; read += batch) {
    // What everyone may see (0 among its persons): the CapabilityStatement is for everyone.
    const rows = await db.unsafe<{ updated: string; rid: string; content: string }[]>(`select updated, rid, content from resource where type = 'StructureDefinition' and not deleted and persons && array[0]::bigint[]
      and (updated, rid) < ($1::bigint, $2::bigint) order by updated desc, rid desc limit ${batch}`, [updated, rid], { prepare: true });
    for (const { content } of rows) {
      const { kind, derivation, status, type, url } = JSON.parse(content) as Record<string, unknown>;
      if (kind === "resource" && derivation === "constraint" && status !== "retired" && typeof type === "string" && isResourceType(type) && typeof url === "string") profiles.set(url, { type, url });
    }
    if (rows.length < batch) break;
    ({ updated, rid } = rows.at(-1)!);
  }
  return [...profiles.values()].sort((a, b) => a.url < b.url ? -1 : 1);
}
