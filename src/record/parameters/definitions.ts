/**
 * The search parameters that SearchParameter resources of this record define. What is indexed follows the stored
 * resources: the epoch counts their changes, every writing transaction looks at it last, and one that derived rows by
 * an older state is rolled back and decided again. So from the commit of a definition on, every process writes its rows.
 */
import { isResourceType } from "#fhir/definitions/load.ts";
import { customParameterOf, type CustomParameter, type CustomSearch } from "#fhir/search/custom.ts";
import { ownKeys } from "#fhir/search/elements.ts";
import { customRows } from "#fhir/search/index-rows.ts";
import type { IndexRows } from "#fhir/search/rows.ts";
import type { Resource } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { paramKey } from "../keys.ts";
import { run, sql, texts, type Queryable } from "../sql.ts";

/** More are refused: every resource of their types is evaluated for each. */
export const customMax = 200;
/** Kind of the job that completes indexes, see reindex/. */
export const buildKind = "index-parameters";

export type Pair = readonly [type: string, code: string];
export type Indexed = { id: string; parameter: CustomParameter };
export type Definitions = {
  epoch: number;
  /** By resource type, in a fixed order; absent for types without any. */
  byType: ReadonlyMap<string, readonly CustomParameter[]>;
  indexed: readonly Indexed[];
  search: CustomSearch;
  /** Parameters whose rows are not complete, or still there though their definition is gone. */
  unsettled: readonly Pair[];
};

type IndexRow = { id: string; pairs: string; ready: boolean };

export function pairsOf({ base, code }: CustomParameter): Pair[] {
  return base.map((type) => [type, code]);
}

/** The same, as index rows name them: a composite has rows for each of its parts. */
export function rowPairsOf(parameter: CustomParameter): Pair[] {
  const codes = parameter.type === "composite" ? ownKeys(parameter) : [parameter.code];
  return parameter.base.flatMap((type) => codes.map((code): Pair => [type, code]));
}

/** As `db` sees them: of a transaction's own snapshot where it is one. */
export async function readDefinitions(db: Queryable): Promise<Definitions> {
  // The epoch first: definitions newer than it are found out by whoever compares it again.
  const epoch = await readEpoch(db);
  const resources = await run<{ id: string; content: string }>(db, sql`select r.id, r.content from resource r where r.type = 'SearchParameter' and not r.deleted order by r.updated, r.rid`);
  const rows = await run<IndexRow>(db, sql`select id, pairs, ready from parameter_index`);
  const known = new Map(rows.map((row) => [row.id, row]));
  const indexed: Indexed[] = [], ready: CustomParameter[] = [], unsettled: Pair[] = [];
  for (const { id, content } of resources) {
    const read = customParameterOf(JSON.parse(content) as Resource);
    if (!read.ok || !read.value) continue;
    indexed.push({ id, parameter: read.value });
    if (known.get(id)?.ready) ready.push(read.value);
    else unsettled.push(...rowPairsOf(read.value));
  }
  const current = new Set(indexed.map(({ id }) => id));
  for (const { id, pairs, ready: complete } of rows) if (!complete || !current.has(id)) unsettled.push(...JSON.parse(pairs) as Pair[]);
  const progress = unsettled.length ? await buildProgress(db) : "";
  const byType = group(indexed.map(({ parameter }) => parameter)), searchable = group(ready);
  const building = new Set(indexed.flatMap(({ parameter }) => pairsOf(parameter)).map((pair) => pair.join(".")));
  return {
    epoch, byType, indexed, unsettled,
    search: {
      of: (type) => searchable.get(type) ?? none,
      building: (type, code) => building.has(`${type}.${code}`) ? `its index is being built${progress ? ` (${progress})` : ""}; ask again when it is complete` : undefined,
    },
  };
}

const none: readonly CustomParameter[] = [];

function group(parameters: readonly CustomParameter[]): Map<string, CustomParameter[]> {
  const byType = new Map<string, CustomParameter[]>();
  for (const parameter of parameters) for (const type of parameter.base) {
    const list = byType.get(type);
    if (list) list.push(parameter); else byType.set(type, [parameter]);
  }
  return byType;
}

export async function readEpoch(db: Queryable): Promise<number> {
  const [row] = await run<{ epoch: string }>(db, sql`select epoch from parameter_epoch where one = 1`);
  return Number(row!.epoch);
}

async function buildProgress(db: Queryable): Promise<string> {
  const [job] = await run<{ progress: string }>(db, sql`select progress from job where kind = ${buildKind} and state = 'running' limit 1`);
  return job?.progress ?? "";
}

/** What may no longer be searched by, and what every process has to learn: in the transaction that writes SearchParameters. */
export async function moveEpoch(db: Queryable, ids: readonly string[]): Promise<number> {
  // The one row of the epoch first, as everybody takes them.
  const [row] = await run<{ epoch: string }>(db, sql`update parameter_epoch set epoch = epoch + 1 where one = 1 returning epoch`);
  await run(db, sql`update parameter_index set ready = false, mark = 0 where id = any(${texts(ids)}::text[])`);
  return Number(row!.epoch);
}

/** Keys of the parameters whose rows say nothing yet, for the check of index rows. */
export function unsettledKeys({ unsettled }: Definitions): Set<number> {
  return new Set(unsettled.filter(([type]) => isResourceType(type)).map(([type, code]) => paramKey(type, code)));
}

/** R4's rows and those of the record's own parameters together. */
export function withCustom(index: IndexRows, resource: Resource, { byType }: Pick<Definitions, "byType">): IndexRows {
  const custom = byType.get(resource.resourceType);
  if (!custom) return index;
  const more = customRows(resource, custom);
  return {
    ...index,
    tokens: [...index.tokens, ...more.tokens], strings: [...index.strings, ...more.strings], dates: [...index.dates, ...more.dates],
    numbers: [...index.numbers, ...more.numbers], quantities: [...index.quantities, ...more.quantities],
    references: [...index.references, ...more.references], uris: [...index.uris, ...more.uris], elements: [...index.elements, ...more.elements],
  };
}

/** Why these SearchParameters may not be stored beside those there are. */
export function definitionFault(definitions: Definitions, resources: readonly { id: string; value: Resource }[]): Result<void> {
  const written = new Set(resources.map(({ id }) => id));
  const taken = new Map<string, string>();
  const kept = definitions.indexed.filter(({ id }) => !written.has(id));
  for (const { id, parameter } of kept) for (const pair of pairsOf(parameter)) taken.set(pair.join("."), id);
  let count = kept.length;
  for (const { id, value } of resources) {
    const read = customParameterOf(value);
    if (!read.ok) return read;
    if (!read.value) continue;
    if (++count > customMax) return fail("too-costly", `At most ${customMax} active search parameters are taken; retire one`);
    for (const pair of pairsOf(read.value)) {
      const other = taken.get(pair.join("."));
      if (other !== undefined && other !== id) return fail("conflict", `SearchParameter.code: "${pair[1]}" of ${pair[0]} is defined by SearchParameter/${other} already; choose another code, or retire that one`);
      taken.set(pair.join("."), id);
    }
  }
  return ok(undefined);
}

/** The definitions as this process knows them. */
export class KnownDefinitions {
  readonly #db: Queryable;
  #known: Definitions | undefined;
  #loading: Promise<Definitions> | undefined;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** What writes go by; a transaction finds out when it is old. */
  async get(): Promise<Definitions> {
    return this.#known ?? await this.#load();
  }

  /** As they are in the database now. */
  async fresh(): Promise<Definitions> {
    const known = this.#known;
    if (known && known.unsettled.length === 0 && await readEpoch(this.#db) === known.epoch) return known;
    return await this.#load();
  }

  expire(): void {
    this.#known = undefined;
  }

  #load(): Promise<Definitions> {
    return this.#loading ??= readDefinitions(this.#db).then((read) => this.#known = read).finally(() => { this.#loading = undefined; });
  }
}
