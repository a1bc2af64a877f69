/**
 * Charts for the screens: a person's compartment parsed once and kept for a moment, since one page asks for several
 * views of it. Kept per caller (their reach decides what is in it) and let go when the person's record changes.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { isId, type Resource } from "#fhir/resource.ts";
import { inputDates } from "#findings/dates.ts";
import { findingFromFhir, isCurrent, isFinding, isMarkedStale } from "#findings/from-fhir.ts";
import type { Caller } from "#record/record.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { FindingView } from "./contract.ts";
import { openChart, type Chart } from "./person/chart.ts";
import { named, namesIn } from "./person/named.ts";

const keptMs = 15_000;
const keptMax = 24;

export class Charts {
  readonly #deps: Pick<ServerDeps, "record" | "clock">;
  readonly #kept = new Map<string, { at: number; chart: Promise<Chart | undefined> }>();

  constructor(deps: Pick<ServerDeps, "record" | "clock">) {
    this.#deps = deps;
  }

  /** undefined: no such person within the caller's reach. */
  async open(caller: Caller, patient: string): Promise<Chart | undefined> {
    const key = `${caller.role} ${caller.agent} ${patient}`;
    const now = Date.now();
    const known = this.#kept.get(key);
    if (known && now - known.at < keptMs) return known.chart;
    const asOf = this.#deps.clock.now().toISOString();
    const { record } = this.#deps;
    const chart = record.compartment(caller, patient).then(async (resources) => (resources.length === 0 ? undefined : openChart(patient, resources, asOf, await named(record, caller, namesIn(resources)))));
    this.#kept.delete(key);
    this.#kept.set(key, { at: now, chart });
    chart.catch(() => this.#kept.delete(key));
    if (this.#kept.size > keptMax) this.#kept.delete(this.#kept.keys().next().value!);
    return chart;
  }

  /** After a write about this person. */
  forget(patient: string): void {
    for (const key of this.#kept.keys()) if (key.endsWith(` ${patient}`)) this.#kept.delete(key);
  }

  /** The chart a person route works on, or an answer already sent. */
  async ofRequest(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply): Promise<Chart | undefined> {
    const { id } = request.params;
    const chart = isId(id) ? await this.open(principalOf(request).caller, id) : undefined;
    if (!chart) sendFailure(reply, { code: "not-found", text: `Patient/${id} is not known.`, why: { code: "unknown", what: `Patient/${id}` } });
    return chart;
  }
}

export function findingView(resource: Resource): FindingView | undefined {
  if (!isFinding(resource)) return undefined;
  const finding = findingFromFhir(resource);
  if (!finding.ok) return undefined;
  const inputs = inputDates(finding.value);
  return {
    reference: `${resource.resourceType}/${resource.id}`, version: resource.meta?.versionId ?? "1", finding: finding.value,
    recorded: resource.meta?.lastUpdated ?? "", stale: isMarkedStale(resource), machine: true, ...(inputs ? { inputs } : {}),
    ...(Number(resource.meta?.versionId ?? 1) > 1 ? { supersedes: `${resource.resourceType}/${resource.id}/_history/${Number(resource.meta!.versionId) - 1}` } : {}),
  };
}

/** Current findings of a chart, the most urgent first. */
export function currentFindings(chart: Chart): FindingView[] {
  const order = { emergency: 0, urgent: 1, soon: 2, routine: 3 };
  return chart.resources.filter((resource) => isFinding(resource) && isCurrent(resource)).flatMap((resource) => findingView(resource) ?? [])
    .sort((a, b) => Number(a.finding.outcome === "abstained") - Number(b.finding.outcome === "abstained") || order[a.finding.urgency] - order[b.finding.urgency]);
}
