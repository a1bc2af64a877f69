/** Terminology resources by canonical url, read when first asked for. A shelf may stand on another one that it shares. */
import { splitCanonical } from "../canonical.ts";
import { MemoryCodeSystem } from "./code-system.ts";
import type { CodeSystem, ConceptMap, TerminologyResource, ValueSet } from "./resources.ts";

/** `read` is called once at most. */
export type ShelfEntry = { type: "CodeSystem" | "ValueSet" | "ConceptMap"; url: string; version?: string; supplements?: string; sources?: readonly string[]; read: () => TerminologyResource };

type Held = ShelfEntry & { resource?: TerminologyResource; system?: MemoryCodeSystem };

export function entryOf(resource: TerminologyResource): ShelfEntry | undefined {
  const { resourceType: type, url, version } = resource;
  if ((type !== "CodeSystem" && type !== "ValueSet" && type !== "ConceptMap") || url === undefined) return undefined;
  const entry: ShelfEntry = { type, url, read: () => resource };
  if (version !== undefined) entry.version = version;
  const { content, supplements } = resource as CodeSystem;
  if (type === "CodeSystem" && content === "supplement") entry.supplements = splitCanonical(supplements ?? "").url;
  if (type === "ConceptMap") entry.sources = mapSources(resource as ConceptMap);
  return entry;
}

export function mapSources(map: ConceptMap): string[] {
  return [...new Set((map.group ?? []).flatMap(({ source }) => source ?? []))];
}

export class Shelf {
  readonly #own = new Map<string, Held[]>();
  readonly #base: Shelf | undefined;
  readonly #supplements = new Map<string, Held[]>();
  readonly #mapsFrom = new Map<string, Held[]>();

  constructor(entries: Iterable<ShelfEntry>, base?: Shelf) {
    this.#base = base;
    for (const entry of entries) {
      const held: Held = { ...entry };
      push(this.#own, `${entry.type} ${entry.url}`, held);
      if (entry.supplements !== undefined) push(this.#supplements, entry.supplements, held);
      for (const source of entry.sources ?? []) push(this.#mapsFrom, source, held);
    }
  }

  /** Every version that is no supplement; of one version the upper shelf's. */
  codeSystems(url: string): readonly MemoryCodeSystem[] {
    return this.#all("CodeSystem", url).filter(({ supplements }) => supplements === undefined).map((held) => held.system ??= new MemoryCodeSystem(read(held) as CodeSystem));
  }

  valueSets(url: string): readonly ValueSet[] {
    return this.#all("ValueSet", url).map((held) => read(held) as ValueSet);
  }

  conceptMaps(url: string): readonly ConceptMap[] {
    return this.#all("ConceptMap", url).map((held) => read(held) as ConceptMap);
  }

  conceptMapsFrom(system: string): readonly ConceptMap[] {
    return [...(this.#mapsFrom.get(system) ?? []).map((held) => read(held) as ConceptMap), ...(this.#base?.conceptMapsFrom(system) ?? [])];
  }

  supplementsOf(system: string): readonly CodeSystem[] {
    return [...(this.#supplements.get(system) ?? []).map((held) => read(held) as CodeSystem), ...(this.#base?.supplementsOf(system) ?? [])];
  }

  supplementByUrl(url: string): CodeSystem | undefined {
    const held = this.#all("CodeSystem", url).find(({ supplements }) => supplements !== undefined);
    return held && (read(held) as CodeSystem);
  }

  /** Code systems by url and version, without reading them; supplements left out. */
  listed(): { url: string; version?: string }[] {
    const own = [...this.#own.values()].flat().filter(({ type, supplements }) => type === "CodeSystem" && supplements === undefined).map(({ url, version }) => ({ url, ...(version === undefined ? {} : { version }) }));
    return [...own, ...(this.#base?.listed().filter((below) => !own.some(({ url, version }) => url === below.url && version === below.version)) ?? [])];
  }

  #all(type: ShelfEntry["type"], url: string): readonly Held[] {
    const own = this.#own.get(`${type} ${url}`);
    const below = this.#base ? this.#base.#all(type, url) : none;
    if (!own) return below;
    return below.length === 0 ? own : [...own, ...below.filter(({ version }) => !own.some((other) => other.version === version))];
  }
}

const none: readonly Held[] = [];

function read(held: Held): TerminologyResource {
  return held.resource ??= held.read();
}

function push(map: Map<string, Held[]>, key: string, held: Held): void {
  const list = map.get(key);
  if (list) list.push(held);
  else map.set(key, [held]);
}
