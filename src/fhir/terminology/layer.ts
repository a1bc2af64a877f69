/** One source over another: resources of a request over those of the node, those of the node over a database. */
import type { CodeSystemProvider, Maybe, TerminologySource } from "./provider.ts";

/** Of one url and version the upper source's counts. */
export function layer(upper: TerminologySource, lower: TerminologySource): TerminologySource {
  return {
    codeSystems: (url) => both(upper.codeSystems(url), lower.codeSystems(url), merge<CodeSystemProvider>(({ header }) => header.version ?? "")),
    supplements: (system) => both(upper.supplements(system), lower.supplements(system), merge(({ url, version }) => `${url}|${version ?? ""}`)),
    supplementByUrl: (url) => both(upper.supplementByUrl(url), lower.supplementByUrl(url), (a, b) => a ?? b),
    valueSets: (url) => both(upper.valueSets(url), lower.valueSets(url), merge(({ version }) => version ?? "")),
    conceptMaps: (query) => both(upper.conceptMaps(query), lower.conceptMaps(query), merge(({ url, version }) => `${url}|${version ?? ""}`)),
  };
}

function merge<T>(key: (item: T) => string): (upper: readonly T[], lower: readonly T[]) => readonly T[] {
  return (upper, lower) => {
    if (upper.length === 0) return lower;
    const known = new Set(upper.map(key));
    return [...upper, ...lower.filter((item) => !known.has(key(item)))];
  };
}

function both<A, B>(a: Maybe<A>, b: Maybe<A>, join: (a: A, b: A) => B): Maybe<B> {
  return a instanceof Promise || b instanceof Promise ? Promise.all([a, b]).then(([one, two]) => join(one, two)) : join(a, b);
}
