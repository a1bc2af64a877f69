/** A source resource: readable fields, the JSON exactly as stored, and its place in the ledger. */
import { useMemo, useState } from "react";
import type { ResourceView } from "#server/api/contract.ts";
import { indent, readable } from "../format/json.ts";
import { useWords } from "../texts/language.tsx";
import { MachineMark } from "./finding.tsx";
import { PanelLink } from "./panel.tsx";
import { ProofCheck } from "./proof-check.tsx";

export function ResourceSource({ view }: { view: ResourceView }) {
  const { text, say, format, language } = useWords(), words = text.evidence;
  const [raw, setRaw] = useState(false);
  const rows = useMemo(() => readable(view.text), [view.text]);
  const pretty = useMemo(() => indent(view.text), [view.text]);
  const machine = useMemo(() => { try { return (JSON.parse(view.text) as { meta?: { security?: { code?: string }[] } }).meta?.security?.some(({ code }) => code === "AIAST") ?? false; } catch { return false; } }, [view.text]);
  return (
    <article className="reasons">
      <header className="reasons-head">
        <p className="reasons-statement">{say(view.label)}</p>
        <dl className="facts">
          <dt>{words.resource}</dt><dd className="mono">{view.reference}, {words.version(view.version)}</dd>
          {view.source && <><dt>{words.from}</dt><dd>{view.source}</dd></>}
          <dt>{words.updated}</dt><dd>{format.dateTime(view.lastUpdated)}</dd>
        </dl>
        {machine && !view.reference.startsWith("Composition/") && <p className="row"><MachineMark /><PanelLink to={{ why: view.reference }}>{text.common.why}</PanelLink></p>}
        {!view.current && <p className="note warn">{words.notCurrent}</p>}
      </header>
      <section className="section">
        <div className="segments" role="group" aria-label={words.resource}><button type="button" aria-pressed={!raw} onClick={() => setRaw(false)}>{words.formatted}</button><button type="button" aria-pressed={raw} onClick={() => setRaw(true)}>{words.raw}</button></div>
        {raw ? <pre className="mono json" tabIndex={0} aria-label={words.raw} lang={language}>{pretty}</pre>
          : <dl className="facts resource-fields">{rows.map((row, i) => <div key={i}><dt>{row.path}</dt><dd>{row.value}</dd></div>)}</dl>}
      </section>
      <section className="section"><h3>{words.proof}</h3>
        {view.ledger === undefined ? <p className="soft">{words.noLedger}</p> : view.ledger.index === undefined ? <p className="soft">{words.pending}</p> : <ProofCheck reference={view.reference} version={view.version} />}</section>
    </article>
  );
}
