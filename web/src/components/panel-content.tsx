/** What the evidence panel shows: a finding's reasons, or a source resource with its ledger proof. */
import { useQuery } from "@tanstack/react-query";
import { findingQuery, resourceQuery } from "../data/queries.ts";
import type { PanelSearch } from "../router.tsx";
import { FindingReasons } from "./finding.tsx";
import { ResourceSource } from "./resource.tsx";
import { Answer } from "./states.tsx";

export default function PanelContent({ search }: { search: PanelSearch }) {
  return search.why ? <Why reference={search.why} /> : <Source reference={search.source ?? ""} {...(search.v ? { version: search.v } : {})} />;
}

function Why({ reference }: { reference: string }) {
  const query = useQuery(findingQuery(reference));
  return <Answer query={query}>{(view) => <FindingReasons view={view} />}</Answer>;
}

function Source({ reference, version }: { reference: string; version?: string }) {
  const query = useQuery(resourceQuery(reference, version));
  return <Answer query={query}>{(view) => <ResourceSource view={view} />}</Answer>;
}
