/** The profiles that this record holds, for its CapabilityStatement: StructureDefinitions that constrain a resource type. */
import { isResourceType } from "#fhir/definitions/load.ts";
import type { Queryable } from "./sql.ts";

/** `url`: canonical, without version. */
export type StoredProfile = { type: string; url: string };

const profilesMax = 5000;

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
  // What everyone may see (0 among its persons): the CapabilityStatement is for everyone.
  const rows = await db.unsafe<{ content: string }[]>(`select content from resource where type = 'StructureDefinition' and not deleted and persons && array[0]::bigint[] order by updated desc limit ${profilesMax}`, [], { prepare: true });
  const profiles = new Map<string, StoredProfile>();
  for (const { content } of rows) {
    const { kind, derivation, status, type, url } = JSON.parse(content) as Record<string, unknown>;
    if (kind === "resource" && derivation === "constraint" && status !== "retired" && typeof type === "string" && isResourceType(type) && typeof url === "string") profiles.set(url, { type, url });
  }
  return [...profiles.values()].sort((a, b) => a.url < b.url ? -1 : 1);
}
