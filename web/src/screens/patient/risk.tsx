/** Risk as frequency, and a try-out with sliders clearly apart from the record: nothing here is stored. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Finding } from "#findings/finding.ts";
import type { FindingView, MethodView } from "#server/api/contract.ts";
import { Frequency } from "../../components/finding.tsx";
import { PanelLink } from "../../components/panel.tsx";
import { ask } from "../../data/http.ts";
import { inputsQuery, methodsQuery } from "../../data/queries.ts";
import { perHundred } from "../../format/format.ts";
import { useSettled } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";

type Inputs = Record<string, number | boolean | string>;

export function Risk({ view, patient }: { view: FindingView; patient: string }) {
  const { text, say } = useWords(), words = text.patient, { finding } = view, years = finding.horizonYears ?? 1;
  const method = useQuery(methodsQuery).data?.find((one) => one.id === finding.method.id);
  const known = useQuery({ ...inputsQuery(patient, finding.method.id), enabled: method !== undefined, retry: false });
  return (
    <section className="section" aria-labelledby="risk"><h2 id="risk">{words.risk}</h2>
      <div className="assertion machine-made"><p className="assertion-mark">{words.machine}</p><p>{words.riskOf(perHundred(finding.probability!), years, say(finding.code.label))}</p><Frequency probability={finding.probability!} years={years} /><p><PanelLink to={{ why: view.reference }} className="plain-link">{words.moreAbout}</PanelLink></p></div>
      {method && known.data && known.data.missing.length === 0 && <WhatIf method={method} start={known.data.inputs} finding={finding} />}
    </section>
  );
}

function WhatIf({ method, start, finding }: { method: MethodView; start: Inputs; finding: Finding }) {
  const { text, say, format } = useWords(), words = text.patient, [inputs, setInputs] = useState<Inputs>(start), settled = useSettled(inputs, 150);
  const changed = Object.keys(inputs).some((name) => inputs[name] !== start[name]);
  const trial = useQuery<Finding[]>({ queryKey: ["what-if", method.id, settled], enabled: changed, staleTime: Infinity, retry: false, placeholderData: keepPreviousData, queryFn: ({ signal }) => ask<Finding[]>(`/api/methods/${encodeURIComponent(method.id)}/run`, { method: "POST", body: { inputs: settled }, signal }) });
  const result = trial.data?.find((one) => one.part === finding.part) ?? trial.data?.[0];
  const sliders = method.inputs.filter((input) => typeof start[input.name] === "number" && input.range && input.kind !== "age"), checks = method.inputs.filter((input) => typeof start[input.name] === "boolean");
  if (sliders.length + checks.length === 0) return null;
  const set = (name: string, value: number | boolean) => setInputs((before) => ({ ...before, [name]: value }));
  return (
    <details className="what-if-fold"><summary>{words.whatIf}</summary>
      <div className="what-if"><p className="strong">{words.whatIfNote}</p>
        <div className="what-if-pair" aria-live="polite"><div><p className="soft">{words.whatIfNow}</p><Frequency probability={finding.probability!} /></div>
          {changed && <div><p className="soft">{words.whatIfThen}</p>{result?.probability !== undefined && !trial.error ? <Frequency probability={result.probability} /> : trial.isFetching ? null : <p>{result ? say(result.statement) : words.whatIfFail}</p>}</div>}</div>
        {sliders.map((input) => { const value = Number(inputs[input.name]), { low, high } = input.range!; return <div key={input.name} className="slider-row"><div><label htmlFor={`what-${input.name}`}>{say(input.label)}</label><span className="strong">{format.quantity(value, input.unit ?? "")}</span></div><input id={`what-${input.name}`} type="range" min={low} max={high} step={(high - low) / 100 >= 1 ? 1 : (high - low) / 100 >= 0.1 ? 0.5 : 0.1} value={value} aria-valuetext={format.quantity(value, input.unit ?? "")} onChange={(event) => set(input.name, Number(event.target.value))} /></div>; })}
        {checks.map((input) => <label key={input.name} className="check"><input type="checkbox" checked={inputs[input.name] === true} onChange={(event) => set(input.name, event.target.checked)} />{say(input.label)}</label>)}
        {changed && <div><button type="button" className="button" onClick={() => setInputs(start)}>{words.reset}</button></div>}
      </div></details>
  );
}
