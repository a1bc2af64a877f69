/** The column that is always there: who this is, what must not be overlooked, how they are now. */
import { useState, type ReactNode } from "react";
import type { Labelled, Storyboard, Vital } from "#server/api/contract.ts";
import { useFindingValue } from "../../components/finding.tsx";
import { PanelLink } from "../../components/panel.tsx";
import { PersonName } from "../../components/person-name.tsx";
import { UrgencyMark } from "../../components/urgency.tsx";
import { newestOfEach } from "../../findings/order.ts";
import { placeInRange, placeOfAll } from "../../format/format.ts";
import { useWords } from "../../texts/language.tsx";

const shownFirst = 8;

export function StoryboardColumn({ story }: { story: Storyboard }) {
  const { text, say, format } = useWords(), words = text.person, { person } = story, [open, setOpen] = useState(false);
  const value = useFindingValue();
  return (
    <div className={`story ${open ? "open" : ""}`}>
      <header className="story-head">
        <h1><PersonName name={person.name} /></h1>
        <p>{[person.ageYears !== undefined && words.age(person.ageYears), text.sex[person.sex], person.birthDate && words.born(format.date(person.birthDate))].filter(Boolean).join(" · ")}</p>
        {person.deceased && <p className="strong">{words.died(format.date(person.deceased))}</p>}
        <p className="soft small">{words.number} <span className="mono">{person.mrn ?? person.id}</span></p>
        <button type="button" className="button story-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>{words.details}</button>
      </header>
      <Part title={words.allergies} first>{story.allergies.length > 0 ? <ul className="story-list allergies">{story.allergies.map((item) => <li key={item.reference}><PanelLink to={{ source: item }}>{say(item.label)}</PanelLink>{item.detail && <span className="soft small"> {say(item.detail)}</span>}</li>)}</ul> : <p className="soft">{story.allergiesKnown ? words.noAllergies : words.allergiesUnknown}</p>}</Part>
      <Part title={words.problems}><Items items={story.problems} none={words.noProblems} /></Part>
      <Part title={words.risks}>{story.risks.length === 0 ? <p className="soft">{words.noRisks}</p> : <ul className="story-list">{newestOfEach(story.risks.map(({ finding }) => finding)).slice(0, shownFirst).map((view) => ({ finding: view })).map(({ finding }) => <li key={finding.reference} className="story-risk"><PanelLink to={{ why: finding.reference }}><UrgencyMark urgency={finding.finding.urgency} word={false} /><span>{say(finding.finding.code.label)}</span></PanelLink><span className={finding.finding.value?.kind === "coded" && finding.finding.probability === undefined ? "strong words" : "strong figure"}>{value(finding.finding) ?? "–"}</span></li>)}</ul>}</Part>
      <Part title={words.vitals}>{story.vitals.length === 0 ? <p className="soft">{words.noVitals}</p> : <ul className="story-list">{story.vitals.map((vital) => <VitalLine key={vital.reference + vital.code} vital={vital} />)}</ul>}</Part>
      <Part title={words.team}><Items items={story.careTeam} none={words.noTeam} /></Part>
      {story.institutions.length > 0 && <Part title={words.institutions}><ul className="story-list">{story.institutions.map((institution) => <li key={institution.reference}>{say(institution.name)}</li>)}</ul></Part>}
    </div>
  );
}

function Part({ title, first = false, children }: { title: string; first?: boolean; children: ReactNode }) {
  return <section className={`story-part ${first ? "first" : ""}`}><h2>{title}</h2>{children}</section>;
}

function Items({ items, none }: { items: Labelled[]; none: string }) {
  const { text, say, format } = useWords(), [all, setAll] = useState(false);
  if (items.length === 0) return <p className="soft">{none}</p>;
  return <><ul className="story-list">{(all ? items : items.slice(0, shownFirst)).map((item) => <li key={item.reference}><PanelLink to={{ source: item }}>{say(item.label)}</PanelLink>{item.since ? <span className="soft small"> {format.date(item.since)}</span> : item.detail && <span className="soft small"> {say(item.detail)}</span>}</li>)}</ul>{items.length > shownFirst && !all && <button type="button" className="link small" onClick={() => setAll(true)}>{text.common.more} ({items.length - shownFirst})</button>}</>;
}

function VitalLine({ vital }: { vital: Vital }) {
  const { text, say, format } = useWords(), place = placeOfAll([placeInRange(vital.value, vital.range), ...(vital.second === undefined ? [] : [placeInRange(vital.second, vital.secondRange)])]);
  const shown = vital.second === undefined ? format.quantity(vital.value, vital.unit) : `${format.number(vital.value)}/${format.quantity(vital.second, vital.unit)}`;
  return <li className="story-vital" title={vital.range?.text && `${text.common.range} ${format.range(vital.range)} · ${say(vital.range.text)}`}><span><PanelLink to={{ source: vital }}>{say(vital.label)}</PanelLink> <span className="soft small">{format.ago(vital.at)}</span></span><span className={place === "above" || place === "below" ? "strong out" : "strong"}>{place === "above" ? "▲ " : place === "below" ? "▼ " : ""}{shown}{(place === "above" || place === "below") && <span className="visually-hidden"> {text.chart[place]}</span>}</span></li>;
}
