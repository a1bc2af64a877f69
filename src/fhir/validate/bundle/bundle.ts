/**
 * Rules of Bundles that no invariant states: fullUrls and links, documents and messages whose references must lead to
 * entries, search results. Source: https://hl7.org/fhir/R4/bundle.html, documents.html, messaging.html, http.html#search
 */
import { isResourceType } from "../../definitions/load.ts";
import type { Container } from "../context.ts";
import { carriedPlace, fullUrlPlace } from "../places.ts";
import { shown } from "../primitives.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { isObject, tell, type Run } from "../profile/run.ts";
import { ambiguous, restKey, severalAnswer, type BundleIndex, type Entry } from "./index.ts";

const searchLinks = new Set(["first", "previous", "next", "last", "prev"]);

export const checkBundle: ValueCheck = (value, _twin, _type, run) => {
  const bundle = value as Container;
  const index = run.bundle!;
  checkLinks(bundle, run);
  for (const entry of index.entries) checkFullUrl(bundle, entry, run);
  if (bundle.type === "document") checkDocument(index, run);
  if (bundle.type === "message") checkMessage(index, run);
  if (bundle.type === "searchset") checkSearchSet(bundle, run);
};

function checkLinks(bundle: Container, run: Run): void {
  const seen = new Set<string>();
  for (const [i, link] of (Array.isArray(bundle.link) ? bundle.link : []).entries()) {
    const relation = isObject(link) ? link.relation : undefined;
    if (typeof relation !== "string") continue;
    if (seen.has(relation)) tell(run, "error", "duplicate", `the relation "${relation}" occurs once; keep one of them`, "link", i);
    seen.add(relation);
    if (bundle.type !== "searchset" && bundle.type !== "history" && searchLinks.has(relation))
      tell(run, "error", "value", `"${relation}" pages through searches and histories; a Bundle of type ${String(bundle.type)} has no pages`, `link[${i}].relation`);
  }
}

/** Bundles whose entries are known by fullUrl (https://hl7.org/fhir/R4/bundle.html#bundle-unique). */
const identified = new Set(["document", "message", "collection", "searchset"]);

function checkFullUrl(bundle: Container, { fullUrl, resource, position }: Entry, run: Run): void {
  if (fullUrl === undefined) {
    if (typeof bundle.type === "string" && identified.has(bundle.type)) tell(run, "error", "required", `an entry of a ${bundle.type} has a fullUrl, the identity of its resource`, "entry", position);
    return;
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(fullUrl))
    return tell(run, "error", "value", `fullUrl is an absolute URL or urn:uuid:, found ${shown(fullUrl)}`, fullUrlPlace(run, position));
  const key = restKey(fullUrl);
  const { resourceType, id } = resource;
  if (key === undefined || typeof id !== "string" || !isResourceType(key.slice(0, key.indexOf("/")))) return;
  if (key !== `${String(resourceType)}/${id}` && bundle.type !== "batch" && bundle.type !== "transaction")
    tell(run, "error", "value", `fullUrl ends with ${key}, the resource is ${String(resourceType)}/${id}; make them fit`, fullUrlPlace(run, position));
}

/** References of the Composition that must be entries (https://hl7.org/fhir/R4/documents.html#content). */
const compositionReferences = ["subject", "encounter", "author", "attester.party", "custodian", "event.detail"];

function checkDocument(index: BundleIndex, run: Run): void {
  const first = index.entries[0];
  if (first?.resource.resourceType !== "Composition") return; // bdl-11
  const composition = first.resource;
  const at = `entry[${first.position}].resource`;
  for (const path of compositionReferences) checkMust(referencesAt(composition, path, at), composition, "a document", index, run);
  const visit = (section: unknown, place: string, depth: number): void => {
    if (!isObject(section) || depth > 20) return;
    checkMust([...referencesAt(section, "author", place), ...referencesAt(section, "focus", place), ...referencesAt(section, "entry", place)], composition, "a document", index, run);
    for (const [i, inner] of list(section.section).entries()) visit(inner, `${place}.section[${i}]`, depth + 1);
  };
  for (const [i, section] of list(composition.section).entries()) visit(section, `${at}.section[${i}]`, 0);
  checkReachable(index, first, false, run);
}

function checkMessage(index: BundleIndex, run: Run): void {
  const first = index.entries[0];
  if (first?.resource.resourceType !== "MessageHeader") return; // bdl-12
  checkMust(referencesAt(first.resource, "focus", `entry[${first.position}].resource`), first.resource, "a message", index, run);
  checkReachable(index, first, true, run);
}

type Placed = { reference: string; place: string };

function referencesAt(holder: Container, path: string, place: string): Placed[] {
  let at: { value: unknown; place: string }[] = [{ value: holder, place }];
  for (const name of path.split("."))
    at = at.flatMap(({ value, place: here }) => {
      const inner = isObject(value) ? value[name] : undefined;
      return inner === undefined ? [] : Array.isArray(inner) ? inner.map((one, i) => ({ value: one, place: `${here}.${name}[${i}]` })) : [{ value: inner, place: `${here}.${name}` }];
    });
  return at.flatMap(({ value, place: here }) => isObject(value) && typeof value.reference === "string" ? [{ reference: value.reference, place: here }] : []);
}

function checkMust(references: readonly Placed[], from: Container, what: string, index: BundleIndex, run: Run): void {
  for (const { reference, place } of references) {
    if (reference.startsWith("#")) continue;
    const found = index.matches(reference, from);
    const at = carriedPlace(run, place);
    if (ambiguous(found)) tell(run, "error", "multiple-matches", severalAnswer(found, reference), at); // told once where it is told at the reference too
    if (found.length > 0) continue;
    const near = index.sameKey(reference).length > 0 ? "; an entry has this type and id, but its fullUrl or version does not fit" : "; add it as an entry";
    tell(run, "error", "not-found", `${shown(reference)} is not in the Bundle, and ${what} carries it${near}`, at);
  }
}

/** What cannot be reached from the first entry should not be there: forwards in a document, either way in a message. */
function checkReachable(index: BundleIndex, first: Entry, backwards: boolean, run: Run): void {
  const links = new Map<Entry, Entry[]>();
  const link = (from: Entry, to: Entry): void => { const known = links.get(from); if (known) known.push(to); else links.set(from, [to]); };
  for (const entry of index.entries)
    for (const reference of referencesIn(entry.resource))
      for (const target of index.matches(reference, entry.resource)) {
        link(entry, target);
        if (backwards || entry.resource.resourceType === "Provenance") link(target, entry);
      }
  const reached = new Set<Entry>([first]);
  for (const entry of reached) for (const target of links.get(entry) ?? []) reached.add(target);
  for (const entry of index.entries)
    if (!reached.has(entry)) tell(run, "warning", "value", `nothing leads from the first entry to ${shown(entry.fullUrl ?? `${String(entry.resource.resourceType)}/${String(entry.resource.id)}`)}; leave it out or refer to it`, "entry", entry.position);
}

function referencesIn(resource: Container): string[] {
  const found: string[] = [];
  const open: unknown[] = [resource];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) open.push(...value.filter((one) => typeof one === "object" && one !== null));
    else if (isObject(value)) {
      if (typeof value.reference === "string") found.push(value.reference);
      for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return found;
}

function checkSearchSet(bundle: Container, run: Run): void {
  const self = list(bundle.link).find((link): link is Container => isObject(link) && link.relation === "self");
  const wanted = typeof self?.url === "string" ? searchedTypes(self.url) : undefined;
  if (!self) tell(run, "warning", "required", 'a searchset has a link "self" that says what was searched for; add it');
  for (const [i, entry] of list(bundle.entry).entries()) {
    if (!isObject(entry) || !isObject(entry.resource)) continue;
    const { resourceType, id } = entry.resource;
    const mode = isObject(entry.search) ? entry.search.mode : undefined;
    const at = `entry[${i}].resource`;
    if (mode === undefined) { if (i === 0) tell(run, "warning", "required", "each entry of a searchset says why it is there: search.mode match, include or outcome"); continue; }
    if (mode === "outcome") { if (resourceType !== "OperationOutcome") tell(run, "error", "value", `search.mode outcome is for an OperationOutcome, found ${String(resourceType)}`, at); continue; }
    if (id === undefined) tell(run, "error", "required", "what a search finds has an id", at);
    if (mode === "match" && wanted && !wanted.includes(String(resourceType))) tell(run, "error", "value", `the search was for ${wanted.join(", ")}, found ${String(resourceType)}`, at);
  }
}

/** Types of a search URL: "…/Patient?name=…", or _type of one over all types; undefined when it does not say. */
function searchedTypes(url: string): string[] | undefined {
  const [path = "", query = ""] = url.split("?", 2);
  const last = path.slice(path.lastIndexOf("/") + 1);
  if (isResourceType(last)) return [last];
  const types = new URLSearchParams(query).get("_type")?.split(",").filter(isResourceType);
  return types?.length ? types : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
