/** The loaded editions as a source of the terminology engine; `layer` puts resources in memory over it. */
import type postgres from "postgres";
import { openPool } from "#platform/database/pool.ts";
import { implicitValueSet } from "#fhir/terminology/ecl/implicit.ts";
import type { CodeSystemProvider, TerminologySource } from "#fhir/terminology/provider.ts";
import type { ValueSet } from "#fhir/terminology/resources.ts";
import { compareVersions } from "#fhir/terminology/version.ts";
import { listEditions, listedForMs, type Edition } from "./edition.ts";
import { DatabaseCodeSystem } from "./system.ts";

/**
 * Statements here are of every shape and size: each is planned for its own values, within memory for a release's sets,
 * and stopped after a while.
 */
export function terminologyPool(url: string, connections = 4): postgres.Sql {
  return openPool(url, {
    fetch_types: false, onnotice: () => {}, max_lifetime: null,
    connection: { application_name: "salus terminology", jit: "off", work_mem: "64MB", plan_cache_mode: "force_custom_plan", statement_timeout: 30_000 },
  }, connections);
}

export class DatabaseTerminology implements TerminologySource {
  readonly #db: postgres.Sql;
  readonly #systems = new Map<number, DatabaseCodeSystem>();
  #listed: { at: number; editions: Promise<Edition[]> } | undefined;

  constructor(db: postgres.Sql) {
    this.#db = db;
  }

  editions(): Promise<Edition[]> {
    const now = performance.now();
    if (this.#listed === undefined || now - this.#listed.at > listedForMs) {
      const editions = listEditions(this.#db);
      this.#listed = { at: now, editions };
      editions.catch(() => { this.#listed = undefined; });
    }
    return this.#listed.editions;
  }

  /** Editions of one system, newest first. */
  async systems(url: string): Promise<readonly DatabaseCodeSystem[]> {
    const own = (await this.editions()).filter(({ system }) => system === url).sort((a, b) => compareVersions(b.version, a.version));
    return own.map((edition) => {
      let system = this.#systems.get(edition.edition);
      if (!system) this.#systems.set(edition.edition, system = new DatabaseCodeSystem(this.#db, edition));
      return system;
    });
  }

  codeSystems(url: string): Promise<readonly CodeSystemProvider[]> { return this.systems(url); }

  async valueSets(url: string): Promise<readonly ValueSet[]> {
    const implicit = implicitValueSet(url);
    if (!implicit?.ok) return [];
    const { system, version, filter } = implicit.value;
    return [{ resourceType: "ValueSet", url, status: "active", compose: { include: [{ system, ...(version === undefined ? {} : { version: await this.#wholeVersion(system, version) }), ...(filter ? { filter: [filter] } : {}) }] } }];
  }

  supplements(): readonly never[] { return []; }
  supplementByUrl(): undefined { return undefined; }
  conceptMaps(): readonly never[] { return []; }

  /** A url that names a module alone means its newest version here. */
  async #wholeVersion(system: string, version: string): Promise<string> {
    if (version.includes("/version/")) return version;
    return (await this.systems(system)).find(({ header }) => header.version?.startsWith(`${version}/version/`))?.header.version ?? version;
  }
}
