/** ECG recordings of a person and a stretch of one, in millivolts, with the beats found in it. */
import type { FastifyInstance } from "fastify";
import { isId, type Resource } from "#fhir/resource.ts";
import { recordings, type Recording } from "#signals/methods/recordings.ts";
import { analyzeEcg, type EcgAnalysis } from "#signals/ecg/analyze.ts";
import { startOf } from "#signals/ecg/observation.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { ServerDeps } from "../deps.ts";
import { currentFindings, type Charts } from "./charts.ts";
import type { RecordingView, SignalView } from "./contract.ts";
import type { Chart } from "./person/chart.ts";
import { cited } from "./person/chart.ts";
import { conceptLabel } from "./person/labels.ts";
import { nameBy, type Reference } from "./person/named.ts";

const stretchSecondsMax = 120;

export function signalRoutes(app: FastifyInstance, { record }: ServerDeps, charts: Charts): void {
  // Beats are found once for a recording, while its chart is kept.
  const analyses = new WeakMap<Resource, EcgAnalysis>();
  function analysisOf(recording: Recording): EcgAnalysis | undefined {
    const lead = recording.leads[0];
    if (!lead) return undefined;
    const known = analyses.get(recording.observation) ?? analyzeEcg(lead.signal);
    analyses.set(recording.observation, known);
    return known;
  }

  app.get<{ Params: { id: string } }>("/people/:id/signals", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    if (!chart) return reply;
    const findings = currentFindings(chart);
    return recordingsOf(chart).map((recording): RecordingView => {
      const reference = `Observation/${recording.observation.id}`;
      const lead = recording.leads[0]?.signal;
      const finding = findings.find(({ finding: { evidence, method } }) => method.id.startsWith("ecg") && evidence.some((item) => item.kind === "resource" && (item.reference === reference || recording.sources.some(({ id }) => item.reference === `Observation/${id}`))));
      const device = nameBy(chart.names, recording.observation.device as Reference | undefined);
      return {
        ...cited(recording.observation), label: conceptLabel(recording.observation.code) ?? { en: "ECG", zh: "心电图" }, start: startOf(recording.observation) ?? "", seconds: lead ? lead.samples.length / lead.rateHz : 0,
        rate: lead?.rateHz ?? 0, leads: recording.leads.map(({ signal }) => signal.lead ?? "ECG"), ...(device ? { device } : {}), ...(finding ? { finding } : {}),
      };
    }).sort((a, b) => (a.start < b.start ? 1 : -1));
  });

  app.get<{ Params: { id: string }; Querystring: { from?: string; seconds?: string } }>("/signals/:id", async (request, reply) => {
    const { id } = request.params;
    const caller = principalOf(request).caller;
    const found = isId(id) ? await record.read(caller, { type: "Observation", id }) : undefined;
    if (found?.kind !== "current") return sendFailure(reply, { code: "not-found", text: `Observation/${id} is not known.`, why: { code: "unknown", what: `Observation/${id}` } });
    const subject = (JSON.parse(found.stored.text) as { subject?: { reference?: string } }).subject?.reference;
    const chart = subject?.startsWith("Patient/") ? await charts.open(caller, subject.slice(8)) : undefined;
    const recording = chart && recordingsOf(chart).find(({ observation, sources }) => observation.id === id || sources.some((source) => source.id === id));
    if (!recording || recording.leads.length === 0) return sendFailure(reply, { code: "not-found", text: `Observation/${id} holds no signal that can be read${recording?.failure ? `: ${recording.failure}` : ""}.`, why: { code: "signal-unreadable", reference: `Observation/${id}` } });
    const from = Number(request.query.from ?? 0);
    const seconds = Math.min(stretchSecondsMax, Number(request.query.seconds ?? 10));
    if (!(from >= 0) || !(seconds > 0)) return sendFailure(reply, { code: "value", text: "from and seconds must be numbers, from ≥ 0 and seconds > 0." });
    const { rateHz, samples } = recording.leads[0]!.signal;
    const analysis = analysisOf(recording);
    const first = Math.floor(from * rateHz);
    const last = Math.min(samples.length, Math.ceil((from + seconds) * rateHz));
    const finding = currentFindings(chart!).find(({ finding: each }) => each.method.id === "ecg-rhythm" && each.value?.kind === "coded" && each.evidence.some((item) => item.kind === "resource" && item.reference === `Observation/${recording.observation.id}`));
    return {
      reference: `Observation/${recording.observation.id}`, start: startOf(recording.observation) ?? "", rate: rateHz, from, seconds: Math.max(0, (last - first) / rateHz), totalSeconds: samples.length / rateHz,
      leads: recording.leads.map(({ signal }) => ({ name: signal.lead ?? "ECG", unit: "mV", samples: Array.from(signal.samples.subarray(first, last), (value) => (Number.isFinite(value) ? Math.round(value * 10_000) / 10_000 : null)) })),
      beats: analysis ? Array.from(analysis.beats).filter((beat) => beat >= first && beat < last).map((beat) => ({ seconds: beat / rateHz })) : [],
      ...(analysis?.heartRate === undefined ? {} : { heartRate: Math.round(analysis.heartRate) }),
      ...(finding?.finding.value?.kind === "coded" ? { rhythm: finding.finding.value.label } : {}),
    } satisfies SignalView;
  });
}

const kept = new WeakMap<Chart, Recording[]>();
function recordingsOf(chart: Chart): Recording[] {
  const known = kept.get(chart) ?? recordings(chart.facts);
  kept.set(chart, known);
  return known;
}
