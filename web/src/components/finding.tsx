/** The one component that shows any Finding: as a line in a list, or with all its reasons. */
import type { Contribution, Evidence, Finding } from "#findings/finding.ts";
import type { FindingView } from "#server/api/contract.ts";
import { perHundred } from "../format/format.ts";
import { useWords } from "../texts/language.tsx";
import { PanelLink } from "./panel.tsx";
import { ProofCheck } from "./proof-check.tsx";
import { UrgencyMark } from "./urgency.tsx";

/** "72 mL/min/1.73 m²", "12 of 100…", the coded answer, or nothing when it could not be computed. */
export function useFindingValue(): (finding: Finding) => string | undefined {
  const { say, format } = useWords();
  return (finding) => {
    if (finding.outcome === "abstained") return undefined;
    if (finding.probability !== undefined) return format.percent(finding.probability);
    if (finding.value?.kind === "quantity") return format.quantity(Number(finding.value.value.toFixed(1)), finding.value.unit); // as the statements print it
    return finding.value?.kind === "coded" ? say(finding.value.label) : undefined;
  };
}

/** When a finding speaks of: its inputs' dates where they lie apart, so that an old input is seen to be old. */
export function useFindingDates(): (view: FindingView) => string | undefined {
  const { text, format } = useWords();
  return ({ finding, inputs }) => {
    const first = inputs && format.date(inputs.first), last = inputs && format.date(inputs.last);
    if (first !== undefined && last !== undefined && first !== last) return text.finding.inputsFrom(first, last);
    return finding.effective ? format.date(finding.effective) : last && text.finding.inputsFrom(last, last);
  };
}

export function MachineMark({ stale = false }: { stale?: boolean }) {
  const { text } = useWords();
  return <span className="marks"><span className="mark machine" title={text.finding.machineLong}>{text.finding.machine}</span>{stale && <span className="mark stale" title={text.finding.staleLong}>{text.finding.stale}</span>}</span>;
}

export function FindingLine({ view }: { view: FindingView }) {
  const { text, say } = useWords(), value = useFindingValue()(view.finding), dates = useFindingDates()(view), { finding } = view;
  return (
    <li className={`finding-line ${finding.outcome}`}>
      <PanelLink to={{ why: view.reference }} className="finding-link">
        <UrgencyMark urgency={finding.urgency} />
        <span className="finding-words"><span className="finding-statement">{say(finding.statement)}</span><span className="soft small">{say(finding.method.title)}{dates && ` · ${dates}`}</span></span>
        <span className="finding-value">{finding.outcome === "abstained" ? <span className="soft small">{text.finding.abstained}</span> : value}</span>
        <span className="finding-why">{text.common.why}</span>
      </PanelLink>
      <MachineMark stale={view.stale} />
    </li>
  );
}

export function FindingReasons({ view }: { view: FindingView }) {
  const { text, say, format } = useWords(), { finding } = view, value = useFindingValue()(finding), dates = useFindingDates()(view);
  const words = text.finding;
  return (
    <article className="reasons">
      <header className="reasons-head">
        <div className="row"><UrgencyMark urgency={finding.urgency} /><MachineMark stale={view.stale} /></div>
        <p className="reasons-statement">{say(finding.statement)}</p>
        {value && <p><span className="reasons-value">{value}</span> <span className="soft">{say(finding.code.label)}</span></p>}
        {finding.probability !== undefined && <Frequency probability={finding.probability} {...(finding.horizonYears === undefined ? {} : { years: finding.horizonYears })} />}
        {view.stale && <p className="note warn">{words.staleLong}</p>}
      </header>
      {finding.outcome === "computed" && <section className="section"><h3>{words.contributions}</h3><Contributions items={finding.contributions} evidence={finding.evidence} /></section>}
      <section className="section"><h3>{words.limits}</h3>{finding.limits.length === 0
        ? <p className="soft">{words.noLimits}</p>
        : <ul className="limits">{finding.limits.map((limit, i) => <li key={i}><span className="strong">{words.limit[limit.kind]}: {say(limit.label)}.</span> {say(limit.text)}</li>)}</ul>}</section>
      <section className="section"><h3>{words.evidence}</h3><EvidenceList items={finding.evidence} /></section>
      <section className="section"><h3>{words.method}</h3>
        <dl className="facts"><dt>{words.method}</dt><dd>{say(finding.method.title)}, {words.version(finding.method.version)} <span className="mono soft">{finding.method.id}</span></dd>
          {dates && <><dt>{words.effective}</dt><dd>{dates}</dd></>}
          <dt>{words.computed}</dt><dd>{format.dateTime(view.recorded)}</dd>
          <dt>{text.common.source}</dt><dd><PanelLink to={{ source: { reference: view.reference, version: view.version } }} className="mono">{view.reference}</PanelLink></dd></dl></section>
      <section className="section"><h3>{words.ledger}</h3><ProofCheck reference={view.reference} version={view.version} /></section>
    </article>
  );
}

/** A hundred people; the affected ones filled, so that the figure can be seen. */
export function Frequency({ probability, years }: { probability: number; years?: number }) {
  const { text } = useWords(), n = perHundred(probability), filled = Math.round(probability * 100);
  const label = years === undefined ? text.finding.riskPlain(n) : text.finding.risk(n, years);
  return (
    <figure className="frequency">
      <svg viewBox="0 0 250 50" role="img" aria-label={label}>{Array.from({ length: 100 }, (_, i) => <circle key={i} cx={(i % 25) * 10 + 5} cy={Math.floor(i / 25) * 12 + 6} r="3.6" className={i < filled ? "affected" : "spared"} />)}</svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}

/** Signed bars round a zero line: to the right raises, to the left lowers; the sign stands in words too. */
/** Each with the date its input carries, where it has one. */
export function Contributions({ items, evidence = [] }: { items: readonly Contribution[]; evidence?: readonly Evidence[] }) {
  const { text, say, format } = useWords(), words = text.finding;
  if (items.length === 0) return <p className="soft">{words.none}</p>;
  const sorted = [...items].sort((a, b) => Math.abs(b.effect ?? 0) - Math.abs(a.effect ?? 0));
  // Bars compare only within one unit.
  const largest = (unit: Contribution["effectUnit"]): number => Math.max(...items.filter((item) => item.effectUnit === unit).map((item) => Math.abs(item.effect ?? 0)), Number.MIN_VALUE);
  const dated = (item: Contribution): string | undefined => { const found = evidence.find((one) => one.kind === "resource" && one.label?.en === item.label.en); return found?.kind === "resource" && found.at ? format.date(found.at) : undefined; };
  return (
    <ul className="contributions">{sorted.map((item) => {
      const effect = item.effect ?? 0, share = (Math.abs(effect) / largest(item.effectUnit)) * 50;
      const direction = effect > 0 ? words.raises : effect < 0 ? words.lowers : words.neutral;
      return (
        <li key={item.factor}>
          <span className="contribution-label">{say(item.label)}</span>
          <span className="contribution-observed soft small">{text.finding.said(item.observed)}{dated(item) && <> · <span className="nowrap">{dated(item)}</span></>}{item.rule && ` · ${text.finding.said(item.rule)}`}</span>
          <svg className="contribution-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path d="M50 0V10" className="zero" vectorEffect="non-scaling-stroke" />{effect !== 0 && <rect x={effect > 0 ? 50 : 50 - share} y="2" width={share} height="6" className={effect > 0 ? "raises" : "lowers"} />}</svg>
          <span className="contribution-effect">{item.effect === undefined ? "–" : `${effect > 0 ? "+" : ""}${format.number(effect, item.effectUnit === "log-odds" ? 2 : undefined)}`}<span className="soft small"> {item.effectUnit && format.unit(item.effectUnit)}</span><span className="visually-hidden"> {direction}</span></span>
        </li>
      );
    })}</ul>
  );
}

function EvidenceList({ items }: { items: readonly Evidence[] }) {
  const { text, say, format } = useWords();
  const inputs = items.filter((item) => item.kind === "resource"), sources = items.filter((item) => item.kind === "source");
  return (
    <>
      {inputs.length > 0 && <><p className="label">{text.finding.inputs}</p><ul className="evidence">{inputs.map((item, i) => (
        <li key={i}><PanelLink to={{ source: { reference: item.reference, ...(item.version ? { version: item.version } : {}) } }}><span>{item.label ? say(item.label) : item.path}</span><span className="evidence-value">{item.value}</span><span className="soft small">{item.at ? format.date(item.at) : item.reference}</span></PanelLink></li>))}</ul></>}
      {sources.length > 0 && <><p className="label">{text.finding.sources}</p><ul className="literature">{sources.map((item, i) => <li key={i}>{item.url?.startsWith("https://") ? <a href={item.url} target="_blank" rel="noreferrer">{item.citation}</a> : item.citation}{item.section && `, ${item.section}`}</li>)}</ul></>}
      {items.length === 0 && <p className="soft">{text.common.none}</p>}
    </>
  );
}
