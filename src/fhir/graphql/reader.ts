/** What GraphQL asks of whoever holds the records. Nothing else of it does input or output. */
import type { Result } from "#platform/result.ts";
import type { Resource } from "../resource.ts";

export type SearchPage = {
  /** Matches in order; `mode` as in Bundle.entry.search. */
  edges: readonly { resource: Resource; mode?: string; score?: number }[];
  /** All matches, when known. */
  count?: number;
  offset?: number;
  pagesize?: number;
  /** Cursors of other pages, to be given back as `_cursor`. */
  first?: string;
  previous?: string;
  next?: string;
  last?: string;
};

/** Access rules are the reader's: what the caller may not see is not there. */
export type Reader = {
  read(type: string, id: string): Promise<Result<Resource | undefined>>;
  /** `parameters` as in a search URL, names already those of R4 (birthdate, _count, _cursor). */
  search(type: string, parameters: readonly (readonly [name: string, value: string])[]): Promise<Result<SearchPage>>;
  /** The resource of Reference.reference as written in `from`; contained resources are found without it. */
  resolve(reference: string, from: Resource): Promise<Result<Resource | undefined>>;
};
