/** The loaded editions as a source of the terminology engine, over another source (the resources in memory). */
import postgres from "postgres";
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
  return postgres(url, {
    max: connections, fetch_types: false, onnotice: () => {}, max_lifetime: null,
    connection: { application_name: "salus terminology", jit: "off", work_mem: "64MB", plan_cache_mode: "force_custom_plan", statement_timeout: 30_000 },
  });
}

export class DatabaseTerminology implements TerminologySource {
  readonly #db: postgres.Sql;
  readonly #base: TerminologySource | undefined;
  readonly #systems = new Map<number, DatabaseCodeSystem>();
  #listed: { at: number; editions: Promise<Edition[]> } | undefined;

  constructor(db: postgres.Sql, base?: TerminologySource) {
    this.#db = db;
    this.#base = base;
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

  async codeSystems(url: string): Promise<readonly CodeSystemProvider[]> {
    const own = await this.systems(url);
    const base = (await this.#base?.codeSystems(url)) ?? [];
    // What was loaded whole takes the place of a fragment.
    return own.length > 0 ? [...own, ...base.filter(({ header }) => header.content === "complete" && !own.some((one) => one.header.version === header.version))] : base;
  }

  async valueSets(url: string): Promise<readonly ValueSet[]> {
    const base = (await this.#base?.valueSets(url)) ?? [];
    if (base.length > 0) return base;
    const implicit = implicitValueSet(url);
    if (!implicit?.ok) return [];
    const { system, version, filter } = implicit.value;
    return [{ resourceType: "ValueSet", url, status: "active", compose: { include: [{ system, ...(version === undefined ? {} : { version: await this.#wholeVersion(system, version) }), ...(filter ? { filter: [filter] } : {}) }] } }];
  }

  async supplements(system: string): Promise<Awaited<ReturnType<TerminologySource["supplements"]>>> { return (await this.#base?.supplements(system)) ?? []; }
  async supplementByUrl(url: string): Promise<Awaited<ReturnType<TerminologySource["supplementByUrl"]>>> { return await this.#base?.supplementByUrl(url); }
  async conceptMaps(query: Parameters<TerminologySource["conceptMaps"]>[0]): Promise<Awaited<ReturnType<TerminologySource["conceptMaps"]>>> { return (await this.#base?.conceptMaps(query)) ?? []; }

  /** A url that names a module alone means its newest version here. */
  async #wholeVersion(system: string, version: string): Promise<string> {
    if (version.includes("/version/")) return version;
    return (await this.systems(system)).find(({ header }) => header.version?.startsWith(`${version}/version/`))?.header.version ?? version;
  }
}
